-- What the columns hold, for the generated table types.
comment on column payments.status is 'fairlead.payment.v1.PaymentStatus';
comment on column payments.risk is 'fairlead.payment.v1.RiskAssessment';

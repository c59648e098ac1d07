-- Calling an order off is the reversal of the saga that placed it, and no saga of its own any more. Those that are under way
-- go on as reversals: what they did already is found done. One that was refused by the carrier is over.
update orders set cancellation = null
from fairlead.saga cancelling
where cancelling.name = 'cancel-order' and cancelling.status = 'COMPENSATING'
  and order_id = (cancelling.state ->> 'orderId')::uuid;

update orders set
  cancellation = jsonb_build_object('reason', cancellation ->> 'reason', 'cancelledByUserId', cancellation ->> 'userId')
where cancellation is not null;

update fairlead.saga set status = 'COMPENSATED', owner = null, finished_at = now()
where name = 'cancel-order' and status in ('RUNNING', 'COMPENSATING');

update fairlead.saga placed set
  reversed = true,
  status = case status when 'COMPLETED' then 'COMPENSATING' else status end,
  step = case status when 'COMPLETED' then step - 1 else step end,
  attempt = 0, next_run_at = now(), finished_at = null
where name = 'place-order' and status in ('RUNNING', 'COMPLETED')
  and exists (select from orders
              where order_id = placed.id and cancellation is not null and orders.status <> 'ORDER_STATUS_CANCELLED');

-- What was called off before is undone in the new terms too.
update fairlead.saga set status = 'COMPENSATED'
where name = 'place-order' and status = 'COMPLETED'
  and exists (select from orders where order_id = fairlead.saga.id and orders.status = 'ORDER_STATUS_CANCELLED');

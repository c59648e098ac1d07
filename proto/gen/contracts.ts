// Generated from proto/ by `npm run generate`. Do not edit.
import type { Access as fairlead_api_v1_Access } from './fairlead/api/v1/access.ts';
import type { RequestMetadata as fairlead_api_v1_RequestMetadata, UserContext as fairlead_api_v1_UserContext } from './fairlead/api/v1/context.ts';
import type { BatchGetProductsRequest as fairlead_catalog_v1_BatchGetProductsRequest, BatchGetProductsResponse as fairlead_catalog_v1_BatchGetProductsResponse, GetProductRequest as fairlead_catalog_v1_GetProductRequest, GetProductResponse as fairlead_catalog_v1_GetProductResponse, ImportProductsRequest as fairlead_catalog_v1_ImportProductsRequest, ImportProductsResponse as fairlead_catalog_v1_ImportProductsResponse, ListProductsRequest as fairlead_catalog_v1_ListProductsRequest, ListProductsResponse as fairlead_catalog_v1_ListProductsResponse, RowError as fairlead_catalog_v1_RowError, StreamProductsRequest as fairlead_catalog_v1_StreamProductsRequest, StreamProductsResponse as fairlead_catalog_v1_StreamProductsResponse } from './fairlead/catalog/v1/catalog_service.ts';
import type { Product as fairlead_catalog_v1_Product, ProductRow as fairlead_catalog_v1_ProductRow } from './fairlead/catalog/v1/product.ts';
import type { CommitRequest as fairlead_inventory_v1_CommitRequest, CommitResponse as fairlead_inventory_v1_CommitResponse, GetStockRequest as fairlead_inventory_v1_GetStockRequest, GetStockResponse as fairlead_inventory_v1_GetStockResponse, ReleaseRequest as fairlead_inventory_v1_ReleaseRequest, ReleaseResponse as fairlead_inventory_v1_ReleaseResponse, ReserveRequest as fairlead_inventory_v1_ReserveRequest, ReserveResponse as fairlead_inventory_v1_ReserveResponse, SetStockRequest as fairlead_inventory_v1_SetStockRequest, SetStockResponse as fairlead_inventory_v1_SetStockResponse, StockCount as fairlead_inventory_v1_StockCount, WatchStockRequest as fairlead_inventory_v1_WatchStockRequest, WatchStockResponse as fairlead_inventory_v1_WatchStockResponse } from './fairlead/inventory/v1/inventory_service.ts';
import type { Reservation as fairlead_inventory_v1_Reservation, StockItem as fairlead_inventory_v1_StockItem, StockLevel as fairlead_inventory_v1_StockLevel } from './fairlead/inventory/v1/stock.ts';
import type { StockEvent as fairlead_inventory_v1_StockEvent } from './fairlead/inventory/v1/stock_event.ts';
import type { Delivery as fairlead_notification_v1_Delivery, Notification as fairlead_notification_v1_Notification, Preferences as fairlead_notification_v1_Preferences } from './fairlead/notification/v1/notification.ts';
import type { GetPreferencesRequest as fairlead_notification_v1_GetPreferencesRequest, GetPreferencesResponse as fairlead_notification_v1_GetPreferencesResponse, ListNotificationsRequest as fairlead_notification_v1_ListNotificationsRequest, ListNotificationsResponse as fairlead_notification_v1_ListNotificationsResponse, MarkReadRequest as fairlead_notification_v1_MarkReadRequest, MarkReadResponse as fairlead_notification_v1_MarkReadResponse, SendRequest as fairlead_notification_v1_SendRequest, SendResponse as fairlead_notification_v1_SendResponse, StreamNotificationsRequest as fairlead_notification_v1_StreamNotificationsRequest, StreamNotificationsResponse as fairlead_notification_v1_StreamNotificationsResponse, UpdatePreferencesRequest as fairlead_notification_v1_UpdatePreferencesRequest, UpdatePreferencesResponse as fairlead_notification_v1_UpdatePreferencesResponse } from './fairlead/notification/v1/notification_service.ts';
import type { Order as fairlead_order_v1_Order, OrderFailure as fairlead_order_v1_OrderFailure, OrderItem as fairlead_order_v1_OrderItem } from './fairlead/order/v1/order.ts';
import type { OrderCancelled as fairlead_order_v1_OrderCancelled, OrderCreated as fairlead_order_v1_OrderCreated, OrderDelivered as fairlead_order_v1_OrderDelivered, OrderEvent as fairlead_order_v1_OrderEvent, OrderFailed as fairlead_order_v1_OrderFailed, OrderInTransit as fairlead_order_v1_OrderInTransit, OrderPaid as fairlead_order_v1_OrderPaid, OrderRefunded as fairlead_order_v1_OrderRefunded, ShipmentScheduled as fairlead_order_v1_ShipmentScheduled, StockReserved as fairlead_order_v1_StockReserved } from './fairlead/order/v1/order_event.ts';
import type { BasketItem as fairlead_order_v1_BasketItem, CancelOrderRequest as fairlead_order_v1_CancelOrderRequest, CancelOrderResponse as fairlead_order_v1_CancelOrderResponse, CreateOrderRequest as fairlead_order_v1_CreateOrderRequest, CreateOrderResponse as fairlead_order_v1_CreateOrderResponse } from './fairlead/order/v1/order_service.ts';
import type { GetOrderRequest as fairlead_orderquery_v1_GetOrderRequest, GetOrderResponse as fairlead_orderquery_v1_GetOrderResponse, ListUserOrdersRequest as fairlead_orderquery_v1_ListUserOrdersRequest, ListUserOrdersResponse as fairlead_orderquery_v1_ListUserOrdersResponse, OrderMilestone as fairlead_orderquery_v1_OrderMilestone, WatchOrderRequest as fairlead_orderquery_v1_WatchOrderRequest, WatchOrderResponse as fairlead_orderquery_v1_WatchOrderResponse } from './fairlead/orderquery/v1/order_query_service.ts';
import type { Payment as fairlead_payment_v1_Payment, RiskAssessment as fairlead_payment_v1_RiskAssessment } from './fairlead/payment/v1/payment.ts';
import type { PaymentCharged as fairlead_payment_v1_PaymentCharged, PaymentDeclined as fairlead_payment_v1_PaymentDeclined, PaymentEvent as fairlead_payment_v1_PaymentEvent, PaymentRefunded as fairlead_payment_v1_PaymentRefunded } from './fairlead/payment/v1/payment_event.ts';
import type { ChargeRequest as fairlead_payment_v1_ChargeRequest, ChargeResponse as fairlead_payment_v1_ChargeResponse, GetPaymentRequest as fairlead_payment_v1_GetPaymentRequest, GetPaymentResponse as fairlead_payment_v1_GetPaymentResponse, RefundRequest as fairlead_payment_v1_RefundRequest, RefundResponse as fairlead_payment_v1_RefundResponse } from './fairlead/payment/v1/payment_service.ts';
import type { ChatError as fairlead_realtime_v1_ChatError, ChatMessage as fairlead_realtime_v1_ChatMessage, ChatRequest as fairlead_realtime_v1_ChatRequest, ChatResponse as fairlead_realtime_v1_ChatResponse, History as fairlead_realtime_v1_History, JoinRoom as fairlead_realtime_v1_JoinRoom, LeaveRoom as fairlead_realtime_v1_LeaveRoom, Participant as fairlead_realtime_v1_Participant, Presence as fairlead_realtime_v1_Presence, ReadHistory as fairlead_realtime_v1_ReadHistory, RoomLeft as fairlead_realtime_v1_RoomLeft, SayInRoom as fairlead_realtime_v1_SayInRoom } from './fairlead/realtime/v1/realtime_service.ts';
import type { GetRecommendationsRequest as fairlead_recommendation_v1_GetRecommendationsRequest, GetRecommendationsResponse as fairlead_recommendation_v1_GetRecommendationsResponse, GetTrendingRequest as fairlead_recommendation_v1_GetTrendingRequest, GetTrendingResponse as fairlead_recommendation_v1_GetTrendingResponse, Recommendation as fairlead_recommendation_v1_Recommendation, TrendingProduct as fairlead_recommendation_v1_TrendingProduct } from './fairlead/recommendation/v1/recommendation_service.ts';
import type { Shipment as fairlead_shipping_v1_Shipment } from './fairlead/shipping/v1/shipment.ts';
import type { ShipmentEvent as fairlead_shipping_v1_ShipmentEvent } from './fairlead/shipping/v1/shipment_event.ts';
import type { CancelRequest as fairlead_shipping_v1_CancelRequest, CancelResponse as fairlead_shipping_v1_CancelResponse, ScheduleRequest as fairlead_shipping_v1_ScheduleRequest, ScheduleResponse as fairlead_shipping_v1_ScheduleResponse, ShipmentItem as fairlead_shipping_v1_ShipmentItem, TrackRequest as fairlead_shipping_v1_TrackRequest, TrackResponse as fairlead_shipping_v1_TrackResponse } from './fairlead/shipping/v1/shipping_service.ts';
import type { Address as fairlead_type_v1_Address } from './fairlead/type/v1/address.ts';
import type { Money as fairlead_type_v1_Money } from './fairlead/type/v1/money.ts';
import type { ApiKey as fairlead_user_v1_ApiKey, JsonWebKey as fairlead_user_v1_JsonWebKey, TokenPair as fairlead_user_v1_TokenPair, User as fairlead_user_v1_User } from './fairlead/user/v1/user.ts';
import type { UserEvent as fairlead_user_v1_UserEvent, UserRegistered as fairlead_user_v1_UserRegistered, UserUpdated as fairlead_user_v1_UserUpdated } from './fairlead/user/v1/user_event.ts';
import type { CreateApiKeyRequest as fairlead_user_v1_CreateApiKeyRequest, CreateApiKeyResponse as fairlead_user_v1_CreateApiKeyResponse, ExchangeApiKeyRequest as fairlead_user_v1_ExchangeApiKeyRequest, ExchangeApiKeyResponse as fairlead_user_v1_ExchangeApiKeyResponse, GetJsonWebKeySetRequest as fairlead_user_v1_GetJsonWebKeySetRequest, GetJsonWebKeySetResponse as fairlead_user_v1_GetJsonWebKeySetResponse, GetUserRequest as fairlead_user_v1_GetUserRequest, GetUserResponse as fairlead_user_v1_GetUserResponse, ListApiKeysRequest as fairlead_user_v1_ListApiKeysRequest, ListApiKeysResponse as fairlead_user_v1_ListApiKeysResponse, LoginRequest as fairlead_user_v1_LoginRequest, LoginResponse as fairlead_user_v1_LoginResponse, RefreshTokenRequest as fairlead_user_v1_RefreshTokenRequest, RefreshTokenResponse as fairlead_user_v1_RefreshTokenResponse, RegisterRequest as fairlead_user_v1_RegisterRequest, RegisterResponse as fairlead_user_v1_RegisterResponse, RevokeApiKeyRequest as fairlead_user_v1_RevokeApiKeyRequest, RevokeApiKeyResponse as fairlead_user_v1_RevokeApiKeyResponse, UpdateUserRequest as fairlead_user_v1_UpdateUserRequest, UpdateUserResponse as fairlead_user_v1_UpdateUserResponse, ValidateTokenRequest as fairlead_user_v1_ValidateTokenRequest, ValidateTokenResponse as fairlead_user_v1_ValidateTokenResponse } from './fairlead/user/v1/user_service.ts';
import type { BadRequest as google_rpc_BadRequest, BadRequest_FieldViolation as google_rpc_BadRequest_FieldViolation, DebugInfo as google_rpc_DebugInfo, ErrorInfo as google_rpc_ErrorInfo, Help as google_rpc_Help, Help_Link as google_rpc_Help_Link, LocalizedMessage as google_rpc_LocalizedMessage, PreconditionFailure as google_rpc_PreconditionFailure, PreconditionFailure_Violation as google_rpc_PreconditionFailure_Violation, QuotaFailure as google_rpc_QuotaFailure, QuotaFailure_Violation as google_rpc_QuotaFailure_Violation, RequestInfo as google_rpc_RequestInfo, ResourceInfo as google_rpc_ResourceInfo, RetryInfo as google_rpc_RetryInfo } from './google/rpc/error_details.ts';
import type { Status as google_rpc_Status } from './google/rpc/status.ts';

/** Every gRPC service by its full name. */
export interface Contracts {
  /** What is sold, with prices. How much of it there is, is the inventory's affair. */
  'fairlead.catalog.v1.CatalogService': {
    /** Reads a product. NOT_FOUND if there is none. */
    GetProduct: { readonly kind: 'unary'; readonly request: fairlead_catalog_v1_GetProductRequest; readonly response: fairlead_catalog_v1_GetProductResponse };
    /** Reads up to 100 products at once. An unknown id is no error: it is named in the answer. */
    BatchGetProducts: { readonly kind: 'unary'; readonly request: fairlead_catalog_v1_BatchGetProductsRequest; readonly response: fairlead_catalog_v1_BatchGetProductsResponse };
    /** Lists products in the order of their ids, a page at a time. */
    ListProducts: { readonly kind: 'unary'; readonly request: fairlead_catalog_v1_ListProductsRequest; readonly response: fairlead_catalog_v1_ListProductsResponse };
    /** Sends all products, in the order of their ids, as fast as the caller reads them. */
    StreamProducts: { readonly kind: 'serverStream'; readonly request: fairlead_catalog_v1_StreamProductsRequest; readonly response: fairlead_catalog_v1_StreamProductsResponse };
    /**
     * Adds or replaces products, one a message. All or nothing: if any row is wrong, nothing is
     * written and the answer names what is wrong with which row.
     */
    ImportProducts: { readonly kind: 'clientStream'; readonly request: fairlead_catalog_v1_ImportProductsRequest; readonly response: fairlead_catalog_v1_ImportProductsResponse };
  };
  /** How much there is of each product, and reservations of it. Stock never falls below zero. */
  'fairlead.inventory.v1.InventoryService': {
    /** Reads the stock of up to 100 products. An unknown id is no error: it is named in the answer. */
    GetStock: { readonly kind: 'unary'; readonly request: fairlead_inventory_v1_GetStockRequest; readonly response: fairlead_inventory_v1_GetStockResponse };
    /**
     * Sets pieces aside for an order, all of them or none. FAILED_PRECONDITION with a
     * PreconditionFailure of type `OUT_OF_STOCK` for each product that there is too little of;
     * NOT_FOUND for an unknown product. Repeated with the same request_id, it answers with the same
     * reservation as it is now; with another content, it fails with ALREADY_EXISTS.
     */
    Reserve: { readonly kind: 'unary'; readonly request: fairlead_inventory_v1_ReserveRequest; readonly response: fairlead_inventory_v1_ReserveResponse };
    /**
     * Makes the pieces available again, whether the reservation was held or committed. Of one that is
     * released or expired already, nothing changes.
     */
    Release: { readonly kind: 'unary'; readonly request: fairlead_inventory_v1_ReleaseRequest; readonly response: fairlead_inventory_v1_ReleaseResponse };
    /**
     * Takes the pieces out of the stock. FAILED_PRECONDITION with a violation of type
     * `RESERVATION_EXPIRED` or `RESERVATION_RELEASED` if they are no longer set aside.
     */
    Commit: { readonly kind: 'unary'; readonly request: fairlead_inventory_v1_CommitRequest; readonly response: fairlead_inventory_v1_CommitResponse };
    /**
     * Sends the present level of each product, then every change. Changes that follow each other
     * faster than the caller reads are merged into the newest.
     */
    WatchStock: { readonly kind: 'serverStream'; readonly request: fairlead_inventory_v1_WatchStockRequest; readonly response: fairlead_inventory_v1_WatchStockResponse };
    /** Sets how many pieces are available, for deliveries and stocktaking. Reservations stay. */
    SetStock: { readonly kind: 'unary'; readonly request: fairlead_inventory_v1_SetStockRequest; readonly response: fairlead_inventory_v1_SetStockResponse };
  };
  /**
   * Tells users what happens to their orders and payments, by the channels that they want.
   *
   * Where a request names a user, `me` or nothing means the caller. Anybody else's notifications are
   * NOT_FOUND, unless another service asks.
   */
  'fairlead.notification.v1.NotificationService': {
    /**
     * Tells a user something. The channels that the user does not want are left out. Repeated with
     * the same request_id, it answers with the same notification and sends nothing.
     */
    Send: { readonly kind: 'unary'; readonly request: fairlead_notification_v1_SendRequest; readonly response: fairlead_notification_v1_SendResponse };
    /** Lists a user's notifications, newest first, a page at a time. */
    ListNotifications: { readonly kind: 'unary'; readonly request: fairlead_notification_v1_ListNotificationsRequest; readonly response: fairlead_notification_v1_ListNotificationsResponse };
    /**
     * Marks notifications of the caller as read. Those that are read already stay as they are,
     * unknown ones are passed over.
     */
    MarkRead: { readonly kind: 'unary'; readonly request: fairlead_notification_v1_MarkReadRequest; readonly response: fairlead_notification_v1_MarkReadResponse };
    /** Sends every new notification of the caller as it comes, until the caller ends it. */
    StreamNotifications: { readonly kind: 'serverStream'; readonly request: fairlead_notification_v1_StreamNotificationsRequest; readonly response: fairlead_notification_v1_StreamNotificationsResponse };
    /** Reads how a user wants to be told; the platform's default if the user never said. */
    GetPreferences: { readonly kind: 'unary'; readonly request: fairlead_notification_v1_GetPreferencesRequest; readonly response: fairlead_notification_v1_GetPreferencesResponse };
    /** Changes how a user wants to be told. */
    UpdatePreferences: { readonly kind: 'unary'; readonly request: fairlead_notification_v1_UpdatePreferencesRequest; readonly response: fairlead_notification_v1_UpdatePreferencesResponse };
  };
  /**
   * Places and cancels orders. Each is a saga over stock, payment and shipping that either comes
   * through or is undone, whatever stops on the way. Reading is the order-query service's affair.
   */
  'fairlead.order.v1.OrderService': {
    /**
     * Places an order for the caller. An order that cannot be carried out (no stock, card declined)
     * is no error: it is answered with status FAILED and the reason. So is one whose saga takes
     * longer than the call may: it is answered as far as it has come, and goes on.
     * NOT_FOUND with a ResourceInfo for an unknown product. Repeated with the same request_id, it
     * answers with the same order as it is now; with another content, it fails with ALREADY_EXISTS.
     *
     * Says no idempotency level on purpose: the mesh repeats methods that have one.
     */
    CreateOrder: { readonly kind: 'unary'; readonly request: fairlead_order_v1_CreateOrderRequest; readonly response: fairlead_order_v1_CreateOrderResponse };
    /**
     * Calls an order off: the shipment is cancelled, the money given back, the stock released.
     * FAILED_PRECONDITION with a violation of type `ALREADY_IN_TRANSIT` or `ORDER_FINAL` once it is
     * too late; NOT_FOUND if it is another user's. Cancelling it again changes nothing. Where undoing
     * takes longer than the call may, the answer is the order as far as it has come, and it goes on.
     */
    CancelOrder: { readonly kind: 'unary'; readonly request: fairlead_order_v1_CancelOrderRequest; readonly response: fairlead_order_v1_CancelOrderResponse };
  };
  /**
   * Reads orders from a model that is built from order events alone. It follows the order service
   * within moments, not at once: `Order.sequence` says how far it is.
   *
   * Another user's order is NOT_FOUND, unless the caller has the role `support` or `admin`.
   */
  'fairlead.orderquery.v1.OrderQueryService': {
    /** Reads an order with what happened to it. */
    GetOrder: { readonly kind: 'unary'; readonly request: fairlead_orderquery_v1_GetOrderRequest; readonly response: fairlead_orderquery_v1_GetOrderResponse };
    /** Lists a user's orders, newest first, a page at a time. */
    ListUserOrders: { readonly kind: 'unary'; readonly request: fairlead_orderquery_v1_ListUserOrdersRequest; readonly response: fairlead_orderquery_v1_ListUserOrdersResponse };
    /**
     * Sends the order as it is now, then after every event, and ends after a final status: delivered,
     * failed or cancelled.
     */
    WatchOrder: { readonly kind: 'serverStream'; readonly request: fairlead_orderquery_v1_WatchOrderRequest; readonly response: fairlead_orderquery_v1_WatchOrderResponse };
  };
  /**
   * Takes money and gives it back. Two versions run side by side: v2 weighs the risk of a charge.
   *
   * Charge and Refund say no idempotency level on purpose: the mesh repeats methods that have one,
   * and money is moved again by the caller only, who knows the request_id.
   */
  'fairlead.payment.v1.PaymentService': {
    /**
     * Takes money for an order. A refusal is no error: the payment's status is DECLINED.
     * UNAVAILABLE means that nothing was taken. Repeated with the same request_id, it answers with
     * the same payment; with another content, it fails with ALREADY_EXISTS.
     */
    Charge: { readonly kind: 'unary'; readonly request: fairlead_payment_v1_ChargeRequest; readonly response: fairlead_payment_v1_ChargeResponse };
    /**
     * Gives money back, at most what was taken: FAILED_PRECONDITION above that or if nothing was.
     * Repeated with the same request_id, it answers with the payment as it is now.
     */
    Refund: { readonly kind: 'unary'; readonly request: fairlead_payment_v1_RefundRequest; readonly response: fairlead_payment_v1_RefundResponse };
    /** Reads a payment. */
    GetPayment: { readonly kind: 'unary'; readonly request: fairlead_payment_v1_GetPaymentRequest; readonly response: fairlead_payment_v1_GetPaymentResponse };
  };
  /** Rooms where people talk about an order. */
  'fairlead.realtime.v1.RealtimeService': {
    /**
     * One conversation, in as many rooms as the caller joins. Only the order's owner and users with
     * the role `support` may join its room; for others it does not exist. An action that cannot be done
     * is answered with an error event and ends nothing; one that breaks a rule of this contract ends
     * the call with INVALID_ARGUMENT. A caller that reads too slowly is cut off with
     * RESOURCE_EXHAUSTED. The gateway carries it over a WebSocket, a message a frame, as JSON.
     */
    Chat: { readonly kind: 'bidiStream'; readonly request: fairlead_realtime_v1_ChatRequest; readonly response: fairlead_realtime_v1_ChatResponse };
  };
  /** What a user may like, learnt from order events. Answers name products by id only. */
  'fairlead.recommendation.v1.RecommendationService': {
    /**
     * Products for a user, best first: bought together with what the user bought or has in the
     * basket, filled up with what is trending. A new user gets trending products.
     */
    GetRecommendations: { readonly kind: 'unary'; readonly request: fairlead_recommendation_v1_GetRecommendationsRequest; readonly response: fairlead_recommendation_v1_GetRecommendationsResponse };
    /** Products that sell well now, best first. */
    GetTrending: { readonly kind: 'unary'; readonly request: fairlead_recommendation_v1_GetTrendingRequest; readonly response: fairlead_recommendation_v1_GetTrendingResponse };
  };
  /** Gets parcels to customers. In development the carrier is an inner clock, and quick. */
  'fairlead.shipping.v1.ShippingService': {
    /**
     * Plans a shipment. Repeated with the same request_id, it answers with the same shipment as it is
     * now; with another content, it fails with ALREADY_EXISTS.
     */
    Schedule: { readonly kind: 'unary'; readonly request: fairlead_shipping_v1_ScheduleRequest; readonly response: fairlead_shipping_v1_ScheduleResponse };
    /**
     * Calls a shipment off. FAILED_PRECONDITION with a violation of type `ALREADY_IN_TRANSIT` once
     * the carrier has it. Cancelling it again changes nothing.
     */
    Cancel: { readonly kind: 'unary'; readonly request: fairlead_shipping_v1_CancelRequest; readonly response: fairlead_shipping_v1_CancelResponse };
    /** Sends the shipment as it is now, then after every change, and ends with a final state. */
    Track: { readonly kind: 'serverStream'; readonly request: fairlead_shipping_v1_TrackRequest; readonly response: fairlead_shipping_v1_TrackResponse };
  };
  /**
   * Accounts, logins and API keys.
   *
   * Where a request names a user, `me` or nothing means the caller. Naming anybody else takes the
   * role `support` or `admin`, or a call from another service; otherwise the answer is NOT_FOUND.
   */
  'fairlead.user.v1.UserService': {
    /** Makes an account and logs it in. ALREADY_EXISTS if the email is taken. */
    Register: { readonly kind: 'unary'; readonly request: fairlead_user_v1_RegisterRequest; readonly response: fairlead_user_v1_RegisterResponse };
    /** Logs in by email and password. UNAUTHENTICATED, without saying which of the two was wrong. */
    Login: { readonly kind: 'unary'; readonly request: fairlead_user_v1_LoginRequest; readonly response: fairlead_user_v1_LoginResponse };
    /**
     * Exchanges a refresh token for a new pair. A refresh token that was used before is taken as
     * stolen: every token of that login is revoked. Hence never repeated by the mesh.
     */
    RefreshToken: { readonly kind: 'unary'; readonly request: fairlead_user_v1_RefreshTokenRequest; readonly response: fairlead_user_v1_RefreshTokenResponse };
    /**
     * Says whether an access token is valid now and whose it is. For callers that cannot verify
     * a signature themselves, or want to know of revocation at once.
     */
    ValidateToken: { readonly kind: 'unary'; readonly request: fairlead_user_v1_ValidateTokenRequest; readonly response: fairlead_user_v1_ValidateTokenResponse };
    /**
     * Exchanges an API key for a short-lived access token of its user. UNAUTHENTICATED if the key is
     * unknown, expired or revoked.
     */
    ExchangeApiKey: { readonly kind: 'unary'; readonly request: fairlead_user_v1_ExchangeApiKeyRequest; readonly response: fairlead_user_v1_ExchangeApiKeyResponse };
    /** The public keys that verify access tokens, as a JSON Web Key Set. */
    GetJsonWebKeySet: { readonly kind: 'unary'; readonly request: fairlead_user_v1_GetJsonWebKeySetRequest; readonly response: fairlead_user_v1_GetJsonWebKeySetResponse };
    /** Reads a user. */
    GetUser: { readonly kind: 'unary'; readonly request: fairlead_user_v1_GetUserRequest; readonly response: fairlead_user_v1_GetUserResponse };
    /** Changes the named fields of a user. */
    UpdateUser: { readonly kind: 'unary'; readonly request: fairlead_user_v1_UpdateUserRequest; readonly response: fairlead_user_v1_UpdateUserResponse };
    /** Makes an API key. Its secret is in this answer and nowhere else. */
    CreateApiKey: { readonly kind: 'unary'; readonly request: fairlead_user_v1_CreateApiKeyRequest; readonly response: fairlead_user_v1_CreateApiKeyResponse };
    /** Lists API keys, newest first, revoked ones included. */
    ListApiKeys: { readonly kind: 'unary'; readonly request: fairlead_user_v1_ListApiKeysRequest; readonly response: fairlead_user_v1_ListApiKeysResponse };
    /** Makes an API key useless, for good. Revoking it again changes nothing. */
    RevokeApiKey: { readonly kind: 'unary'; readonly request: fairlead_user_v1_RevokeApiKeyRequest; readonly response: fairlead_user_v1_RevokeApiKeyResponse };
  };
}

/** Every message by its full name. */
export interface Messages {
  'fairlead.api.v1.Access': fairlead_api_v1_Access;
  'fairlead.api.v1.RequestMetadata': fairlead_api_v1_RequestMetadata;
  'fairlead.api.v1.UserContext': fairlead_api_v1_UserContext;
  'fairlead.catalog.v1.GetProductRequest': fairlead_catalog_v1_GetProductRequest;
  'fairlead.catalog.v1.GetProductResponse': fairlead_catalog_v1_GetProductResponse;
  'fairlead.catalog.v1.BatchGetProductsRequest': fairlead_catalog_v1_BatchGetProductsRequest;
  'fairlead.catalog.v1.BatchGetProductsResponse': fairlead_catalog_v1_BatchGetProductsResponse;
  'fairlead.catalog.v1.ListProductsRequest': fairlead_catalog_v1_ListProductsRequest;
  'fairlead.catalog.v1.ListProductsResponse': fairlead_catalog_v1_ListProductsResponse;
  'fairlead.catalog.v1.StreamProductsRequest': fairlead_catalog_v1_StreamProductsRequest;
  'fairlead.catalog.v1.StreamProductsResponse': fairlead_catalog_v1_StreamProductsResponse;
  'fairlead.catalog.v1.ImportProductsRequest': fairlead_catalog_v1_ImportProductsRequest;
  'fairlead.catalog.v1.ImportProductsResponse': fairlead_catalog_v1_ImportProductsResponse;
  'fairlead.catalog.v1.RowError': fairlead_catalog_v1_RowError;
  'fairlead.catalog.v1.Product': fairlead_catalog_v1_Product;
  'fairlead.catalog.v1.ProductRow': fairlead_catalog_v1_ProductRow;
  'fairlead.inventory.v1.GetStockRequest': fairlead_inventory_v1_GetStockRequest;
  'fairlead.inventory.v1.GetStockResponse': fairlead_inventory_v1_GetStockResponse;
  'fairlead.inventory.v1.ReserveRequest': fairlead_inventory_v1_ReserveRequest;
  'fairlead.inventory.v1.ReserveResponse': fairlead_inventory_v1_ReserveResponse;
  'fairlead.inventory.v1.ReleaseRequest': fairlead_inventory_v1_ReleaseRequest;
  'fairlead.inventory.v1.ReleaseResponse': fairlead_inventory_v1_ReleaseResponse;
  'fairlead.inventory.v1.CommitRequest': fairlead_inventory_v1_CommitRequest;
  'fairlead.inventory.v1.CommitResponse': fairlead_inventory_v1_CommitResponse;
  'fairlead.inventory.v1.WatchStockRequest': fairlead_inventory_v1_WatchStockRequest;
  'fairlead.inventory.v1.WatchStockResponse': fairlead_inventory_v1_WatchStockResponse;
  'fairlead.inventory.v1.SetStockRequest': fairlead_inventory_v1_SetStockRequest;
  'fairlead.inventory.v1.StockCount': fairlead_inventory_v1_StockCount;
  'fairlead.inventory.v1.SetStockResponse': fairlead_inventory_v1_SetStockResponse;
  'fairlead.inventory.v1.StockLevel': fairlead_inventory_v1_StockLevel;
  'fairlead.inventory.v1.StockItem': fairlead_inventory_v1_StockItem;
  'fairlead.inventory.v1.Reservation': fairlead_inventory_v1_Reservation;
  'fairlead.inventory.v1.StockEvent': fairlead_inventory_v1_StockEvent;
  'fairlead.notification.v1.Notification': fairlead_notification_v1_Notification;
  'fairlead.notification.v1.Delivery': fairlead_notification_v1_Delivery;
  'fairlead.notification.v1.Preferences': fairlead_notification_v1_Preferences;
  'fairlead.notification.v1.SendRequest': fairlead_notification_v1_SendRequest;
  'fairlead.notification.v1.SendResponse': fairlead_notification_v1_SendResponse;
  'fairlead.notification.v1.ListNotificationsRequest': fairlead_notification_v1_ListNotificationsRequest;
  'fairlead.notification.v1.ListNotificationsResponse': fairlead_notification_v1_ListNotificationsResponse;
  'fairlead.notification.v1.MarkReadRequest': fairlead_notification_v1_MarkReadRequest;
  'fairlead.notification.v1.MarkReadResponse': fairlead_notification_v1_MarkReadResponse;
  'fairlead.notification.v1.StreamNotificationsRequest': fairlead_notification_v1_StreamNotificationsRequest;
  'fairlead.notification.v1.StreamNotificationsResponse': fairlead_notification_v1_StreamNotificationsResponse;
  'fairlead.notification.v1.GetPreferencesRequest': fairlead_notification_v1_GetPreferencesRequest;
  'fairlead.notification.v1.GetPreferencesResponse': fairlead_notification_v1_GetPreferencesResponse;
  'fairlead.notification.v1.UpdatePreferencesRequest': fairlead_notification_v1_UpdatePreferencesRequest;
  'fairlead.notification.v1.UpdatePreferencesResponse': fairlead_notification_v1_UpdatePreferencesResponse;
  'fairlead.order.v1.Order': fairlead_order_v1_Order;
  'fairlead.order.v1.OrderItem': fairlead_order_v1_OrderItem;
  'fairlead.order.v1.OrderFailure': fairlead_order_v1_OrderFailure;
  'fairlead.order.v1.OrderEvent': fairlead_order_v1_OrderEvent;
  'fairlead.order.v1.OrderCreated': fairlead_order_v1_OrderCreated;
  'fairlead.order.v1.StockReserved': fairlead_order_v1_StockReserved;
  'fairlead.order.v1.OrderPaid': fairlead_order_v1_OrderPaid;
  'fairlead.order.v1.ShipmentScheduled': fairlead_order_v1_ShipmentScheduled;
  'fairlead.order.v1.OrderInTransit': fairlead_order_v1_OrderInTransit;
  'fairlead.order.v1.OrderDelivered': fairlead_order_v1_OrderDelivered;
  'fairlead.order.v1.OrderFailed': fairlead_order_v1_OrderFailed;
  'fairlead.order.v1.OrderCancelled': fairlead_order_v1_OrderCancelled;
  'fairlead.order.v1.OrderRefunded': fairlead_order_v1_OrderRefunded;
  'fairlead.order.v1.CreateOrderRequest': fairlead_order_v1_CreateOrderRequest;
  'fairlead.order.v1.BasketItem': fairlead_order_v1_BasketItem;
  'fairlead.order.v1.CreateOrderResponse': fairlead_order_v1_CreateOrderResponse;
  'fairlead.order.v1.CancelOrderRequest': fairlead_order_v1_CancelOrderRequest;
  'fairlead.order.v1.CancelOrderResponse': fairlead_order_v1_CancelOrderResponse;
  'fairlead.orderquery.v1.GetOrderRequest': fairlead_orderquery_v1_GetOrderRequest;
  'fairlead.orderquery.v1.GetOrderResponse': fairlead_orderquery_v1_GetOrderResponse;
  'fairlead.orderquery.v1.OrderMilestone': fairlead_orderquery_v1_OrderMilestone;
  'fairlead.orderquery.v1.ListUserOrdersRequest': fairlead_orderquery_v1_ListUserOrdersRequest;
  'fairlead.orderquery.v1.ListUserOrdersResponse': fairlead_orderquery_v1_ListUserOrdersResponse;
  'fairlead.orderquery.v1.WatchOrderRequest': fairlead_orderquery_v1_WatchOrderRequest;
  'fairlead.orderquery.v1.WatchOrderResponse': fairlead_orderquery_v1_WatchOrderResponse;
  'fairlead.payment.v1.Payment': fairlead_payment_v1_Payment;
  'fairlead.payment.v1.RiskAssessment': fairlead_payment_v1_RiskAssessment;
  'fairlead.payment.v1.PaymentEvent': fairlead_payment_v1_PaymentEvent;
  'fairlead.payment.v1.PaymentCharged': fairlead_payment_v1_PaymentCharged;
  'fairlead.payment.v1.PaymentDeclined': fairlead_payment_v1_PaymentDeclined;
  'fairlead.payment.v1.PaymentRefunded': fairlead_payment_v1_PaymentRefunded;
  'fairlead.payment.v1.ChargeRequest': fairlead_payment_v1_ChargeRequest;
  'fairlead.payment.v1.ChargeResponse': fairlead_payment_v1_ChargeResponse;
  'fairlead.payment.v1.RefundRequest': fairlead_payment_v1_RefundRequest;
  'fairlead.payment.v1.RefundResponse': fairlead_payment_v1_RefundResponse;
  'fairlead.payment.v1.GetPaymentRequest': fairlead_payment_v1_GetPaymentRequest;
  'fairlead.payment.v1.GetPaymentResponse': fairlead_payment_v1_GetPaymentResponse;
  'fairlead.realtime.v1.ChatRequest': fairlead_realtime_v1_ChatRequest;
  'fairlead.realtime.v1.JoinRoom': fairlead_realtime_v1_JoinRoom;
  'fairlead.realtime.v1.LeaveRoom': fairlead_realtime_v1_LeaveRoom;
  'fairlead.realtime.v1.SayInRoom': fairlead_realtime_v1_SayInRoom;
  'fairlead.realtime.v1.ReadHistory': fairlead_realtime_v1_ReadHistory;
  'fairlead.realtime.v1.ChatResponse': fairlead_realtime_v1_ChatResponse;
  'fairlead.realtime.v1.ChatMessage': fairlead_realtime_v1_ChatMessage;
  'fairlead.realtime.v1.Presence': fairlead_realtime_v1_Presence;
  'fairlead.realtime.v1.Participant': fairlead_realtime_v1_Participant;
  'fairlead.realtime.v1.History': fairlead_realtime_v1_History;
  'fairlead.realtime.v1.RoomLeft': fairlead_realtime_v1_RoomLeft;
  'fairlead.realtime.v1.ChatError': fairlead_realtime_v1_ChatError;
  'fairlead.recommendation.v1.GetRecommendationsRequest': fairlead_recommendation_v1_GetRecommendationsRequest;
  'fairlead.recommendation.v1.GetRecommendationsResponse': fairlead_recommendation_v1_GetRecommendationsResponse;
  'fairlead.recommendation.v1.Recommendation': fairlead_recommendation_v1_Recommendation;
  'fairlead.recommendation.v1.GetTrendingRequest': fairlead_recommendation_v1_GetTrendingRequest;
  'fairlead.recommendation.v1.GetTrendingResponse': fairlead_recommendation_v1_GetTrendingResponse;
  'fairlead.recommendation.v1.TrendingProduct': fairlead_recommendation_v1_TrendingProduct;
  'fairlead.shipping.v1.Shipment': fairlead_shipping_v1_Shipment;
  'fairlead.shipping.v1.ShipmentEvent': fairlead_shipping_v1_ShipmentEvent;
  'fairlead.shipping.v1.ScheduleRequest': fairlead_shipping_v1_ScheduleRequest;
  'fairlead.shipping.v1.ShipmentItem': fairlead_shipping_v1_ShipmentItem;
  'fairlead.shipping.v1.ScheduleResponse': fairlead_shipping_v1_ScheduleResponse;
  'fairlead.shipping.v1.CancelRequest': fairlead_shipping_v1_CancelRequest;
  'fairlead.shipping.v1.CancelResponse': fairlead_shipping_v1_CancelResponse;
  'fairlead.shipping.v1.TrackRequest': fairlead_shipping_v1_TrackRequest;
  'fairlead.shipping.v1.TrackResponse': fairlead_shipping_v1_TrackResponse;
  'fairlead.type.v1.Address': fairlead_type_v1_Address;
  'fairlead.type.v1.Money': fairlead_type_v1_Money;
  'fairlead.user.v1.User': fairlead_user_v1_User;
  'fairlead.user.v1.ApiKey': fairlead_user_v1_ApiKey;
  'fairlead.user.v1.TokenPair': fairlead_user_v1_TokenPair;
  'fairlead.user.v1.JsonWebKey': fairlead_user_v1_JsonWebKey;
  'fairlead.user.v1.UserEvent': fairlead_user_v1_UserEvent;
  'fairlead.user.v1.UserRegistered': fairlead_user_v1_UserRegistered;
  'fairlead.user.v1.UserUpdated': fairlead_user_v1_UserUpdated;
  'fairlead.user.v1.RegisterRequest': fairlead_user_v1_RegisterRequest;
  'fairlead.user.v1.RegisterResponse': fairlead_user_v1_RegisterResponse;
  'fairlead.user.v1.LoginRequest': fairlead_user_v1_LoginRequest;
  'fairlead.user.v1.LoginResponse': fairlead_user_v1_LoginResponse;
  'fairlead.user.v1.RefreshTokenRequest': fairlead_user_v1_RefreshTokenRequest;
  'fairlead.user.v1.RefreshTokenResponse': fairlead_user_v1_RefreshTokenResponse;
  'fairlead.user.v1.ValidateTokenRequest': fairlead_user_v1_ValidateTokenRequest;
  'fairlead.user.v1.ValidateTokenResponse': fairlead_user_v1_ValidateTokenResponse;
  'fairlead.user.v1.ExchangeApiKeyRequest': fairlead_user_v1_ExchangeApiKeyRequest;
  'fairlead.user.v1.ExchangeApiKeyResponse': fairlead_user_v1_ExchangeApiKeyResponse;
  'fairlead.user.v1.GetJsonWebKeySetRequest': fairlead_user_v1_GetJsonWebKeySetRequest;
  'fairlead.user.v1.GetJsonWebKeySetResponse': fairlead_user_v1_GetJsonWebKeySetResponse;
  'fairlead.user.v1.GetUserRequest': fairlead_user_v1_GetUserRequest;
  'fairlead.user.v1.GetUserResponse': fairlead_user_v1_GetUserResponse;
  'fairlead.user.v1.UpdateUserRequest': fairlead_user_v1_UpdateUserRequest;
  'fairlead.user.v1.UpdateUserResponse': fairlead_user_v1_UpdateUserResponse;
  'fairlead.user.v1.CreateApiKeyRequest': fairlead_user_v1_CreateApiKeyRequest;
  'fairlead.user.v1.CreateApiKeyResponse': fairlead_user_v1_CreateApiKeyResponse;
  'fairlead.user.v1.ListApiKeysRequest': fairlead_user_v1_ListApiKeysRequest;
  'fairlead.user.v1.ListApiKeysResponse': fairlead_user_v1_ListApiKeysResponse;
  'fairlead.user.v1.RevokeApiKeyRequest': fairlead_user_v1_RevokeApiKeyRequest;
  'fairlead.user.v1.RevokeApiKeyResponse': fairlead_user_v1_RevokeApiKeyResponse;
  'google.rpc.ErrorInfo': google_rpc_ErrorInfo;
  'google.rpc.RetryInfo': google_rpc_RetryInfo;
  'google.rpc.DebugInfo': google_rpc_DebugInfo;
  'google.rpc.QuotaFailure': google_rpc_QuotaFailure;
  'google.rpc.QuotaFailure.Violation': google_rpc_QuotaFailure_Violation;
  'google.rpc.PreconditionFailure': google_rpc_PreconditionFailure;
  'google.rpc.PreconditionFailure.Violation': google_rpc_PreconditionFailure_Violation;
  'google.rpc.BadRequest': google_rpc_BadRequest;
  'google.rpc.BadRequest.FieldViolation': google_rpc_BadRequest_FieldViolation;
  'google.rpc.RequestInfo': google_rpc_RequestInfo;
  'google.rpc.ResourceInfo': google_rpc_ResourceInfo;
  'google.rpc.Help': google_rpc_Help;
  'google.rpc.Help.Link': google_rpc_Help_Link;
  'google.rpc.LocalizedMessage': google_rpc_LocalizedMessage;
  'google.rpc.Status': google_rpc_Status;
}

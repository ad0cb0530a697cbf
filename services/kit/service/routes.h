/* clang-format off */
/* The tables of a service, each one list of rows. A row names the message that comes in, the one
 * that goes out, and the handler. The kit decodes and encodes; a handler gets and fills structs,
 * and one of another type does not compile.
 *
 *     #define REQUESTS(X)                                                                        \
 *         X("create", KIT_RPC_EFFECT, rpc_rental_create_request, rpc_rental_response, on_create) \
 *         X("product-get", KIT_RPC_READ, rpc_get_request, rpc_product_response,                  \
 *           catalogue_get, catalogue)
 *     #define STOCK_EVENTS(X) X("StockChanged", event_stock_changed, on_stock_changed)
 *     #define DEVICES(X) X("locker", "up", device_up, on_up)
 *
 *     KIT_RPC_TABLE(rental_requests, struct rental_app, REQUESTS);
 *     KIT_EVENT_TABLE(rental_stock_events, struct rental_app, STOCK_EVENTS);
 *     KIT_DEVICE_TABLE(rental_devices, struct rental_app, DEVICES);
 *
 *     int on_create(struct rental_app *app, const struct msg_rpc_rental_create_request *in,
 *                   struct msg_rpc_rental_response *out, struct kit_error *err);
 *     int on_stock_changed(struct rental_app *app, const struct msg_event_stock_changed *event,
 *                          struct kit_error *err);
 *     int on_up(struct rental_app *app, const char *device, const struct msg_device_up *up,
 *               struct kit_error *err);
 *
 * A word behind the handler names the member of the app that the handler gets instead of the whole
 * (catalogue_get() above gets &app->catalogue). Messages are zeroed and live as long as the item.
 * Included by the file with the table alone. */
/* clang-format on */
#ifndef KIT_SERVICE_ROUTES_H
#define KIT_SERVICE_ROUTES_H

#include "kit/json/shape.h"
#include "kit/service/service.h"

#define KIT_RPC_TABLE(table, app_type, LIST)                                                       \
    static int table##_run(void *app_pointer, size_t index,                                        \
                           const struct kit_rpc_exchange *exchange, struct kit_error *err)         \
    {                                                                                              \
        app_type *app = app_pointer;                                                               \
        LIST(KIT_RPC_CASE_)                                                                        \
        UNREACHABLE("a row of " #table);                                                           \
    }                                                                                              \
    static const struct kit_rpc_method table##_methods[] = { LIST(KIT_RPC_ROW_) };                 \
    static const struct kit_rpc_table table = { table##_methods, KIT_COUNT(table##_methods),       \
                                                table##_run }

#define KIT_EVENT_TABLE(table, app_type, LIST)                                                     \
    static int table##_run(void *app_pointer, size_t index, const void *message,                   \
                           struct kit_error *err)                                                  \
    {                                                                                              \
        app_type *app = app_pointer;                                                               \
        LIST(KIT_EVENT_CASE_)                                                                      \
        UNREACHABLE("a row of " #table);                                                           \
    }                                                                                              \
    static const struct kit_event_type table##_types[] = { LIST(KIT_EVENT_ROW_) };                 \
    static const struct kit_event_table table = { table##_types, KIT_COUNT(table##_types),         \
                                                  table##_run }

#define KIT_DEVICE_TABLE(table, app_type, LIST)                                                    \
    static int table##_run(void *app_pointer, size_t index, const char *device,                    \
                           const void *message, struct kit_error *err)                             \
    {                                                                                              \
        app_type *app = app_pointer;                                                               \
        LIST(KIT_DEVICE_CASE_)                                                                     \
        UNREACHABLE("a row of " #table);                                                           \
    }                                                                                              \
    static const struct kit_device_leaf table##_leaves[] = { LIST(KIT_DEVICE_ROW_) };              \
    static const struct kit_device_table table = { table##_leaves, KIT_COUNT(table##_leaves),      \
                                                   table##_run }

/* ---- one row: in the table, and in the function that calls the handler ---- */

#define KIT_RPC_ROW_(name_, kind_, in_, out_, ...)                                                 \
    { .name = name_, .kind = kind_, .in = &msg_##in_##_shape, .out = &msg_##out_##_shape },
#define KIT_RPC_CASE_(name_, kind_, in_, out_, ...)                                                \
    if (index-- == 0) {                                                                            \
        const struct msg_##in_ *in = exchange->in;                                                 \
        struct msg_##out_ *out = exchange->out;                                                    \
        return KIT_HANDLER_(__VA_ARGS__, )(KIT_PART_(__VA_ARGS__), in, out, err);                  \
    }

#define KIT_EVENT_ROW_(type_, message_, ...) { .name = type_, .data = &msg_##message_##_shape },
#define KIT_EVENT_CASE_(type_, message_, ...)                                                      \
    if (index-- == 0) {                                                                            \
        const struct msg_##message_ *data = message;                                               \
        return KIT_HANDLER_(__VA_ARGS__, )(KIT_PART_(__VA_ARGS__), data, err);                     \
    }

#define KIT_DEVICE_ROW_(kind_, leaf_, message_, ...)                                               \
    { .kind = kind_, .name = leaf_, .body = &msg_##message_##_shape },
#define KIT_DEVICE_CASE_(kind_, leaf_, message_, ...)                                              \
    if (index-- == 0) {                                                                            \
        const struct msg_##message_ *body = message;                                               \
        return KIT_HANDLER_(__VA_ARGS__, )(KIT_PART_(__VA_ARGS__), device, body, err);             \
    }

/* Of "handler" or "handler, part": the handler; and app or &app->part. */
#define KIT_HANDLER_(handler, ...) handler
#define KIT_PART_(...) KIT_THIRD_(__VA_ARGS__, KIT_PART_MEMBER_, KIT_PART_WHOLE_, )(__VA_ARGS__)
#define KIT_THIRD_(first, second, third, ...) third
#define KIT_PART_WHOLE_(handler) app
#define KIT_PART_MEMBER_(handler, part) &app->part

#endif

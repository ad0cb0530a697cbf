/* See sessions.h. */
#include "bridge/sessions.h"

#include <string.h>

#include "kit/base/text.h"
#include "msg/http_password_set.gen.h"
#include "msg/http_session_create.gen.h"
#include "msg/http_session_opened.gen.h"
#include "msg/rpc_password_set_request.gen.h"
#include "msg/rpc_session_end_request.gen.h"
#include "msg/rpc_session_open_request.gen.h"
#include "msg/rpc_session_open_response.gen.h"

int session_ask_open(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err)
{
    struct msg_http_session_create in;
    struct msg_rpc_session_open_request request = { .has_address = true };

    int rc = msg_http_session_create_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    exchange->sign_in->wants_cookie = in.has_as && in.as == SIGN_IN_AS_COOKIE;
    kit_text_copy(request.login, sizeof(request.login), in.login);
    kit_text_copy(request.password, sizeof(request.password), in.password);
    access_token_hash(exchange->sign_in->token, request.token_hash);
    kit_text_copy(request.address, sizeof(request.address), exchange->sign_in->address);
    msg_rpc_session_open_request_encode(&request, out);
    kit_wipe(&in, sizeof(in));
    kit_wipe(&request, sizeof(request));
    return KIT_OK;
}

int session_show_opened(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
                        int64_t *ret_id, struct kit_error *err)
{
    const struct sign_in *sign_in = exchange->sign_in;
    struct msg_rpc_session_open_response said;
    struct msg_http_session_opened shown = { 0 };

    int rc = msg_rpc_session_open_response_decode(answer, &said, err);
    if (rc != KIT_OK)
        return rc;
    shown.me = said.me;
    shown.has_token = !sign_in->wants_cookie;
    kit_text_copy(shown.token, sizeof(shown.token), sign_in->token);
    shown.has_csrf = sign_in->wants_cookie;
    access_token_csrf(sign_in->token, shown.csrf);
    *ret_id = said.id;
    msg_http_session_opened_encode(&shown, out);
    kit_wipe(&shown, sizeof(shown));
    return KIT_OK;
}

int session_ask_end(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                    struct kit_error *err)
{
    const struct msg_rpc_session_end_request request = { .has_id = true, .id = exchange->session };

    (void)body;
    if (exchange->session == 0)
        return kit_error_set(err, KIT_E_NOT_FOUND, "there is no session to end");
    msg_rpc_session_end_request_encode(&request, out);
    return KIT_OK;
}

int session_ask_end_all(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                        struct kit_error *err)
{
    const struct msg_rpc_session_end_request request = { .has_id = false };

    (void)exchange;
    (void)body;
    (void)err;
    msg_rpc_session_end_request_encode(&request, out);
    return KIT_OK;
}

int password_ask_set(const struct exchange *exchange, const cJSON *body, struct kit_buf *out,
                     struct kit_error *err)
{
    struct msg_http_password_set in;
    struct msg_rpc_password_set_request request = { 0 };

    (void)exchange;
    int rc = msg_http_password_set_decode(body, &in, err);
    if (rc != KIT_OK)
        return rc;
    access_token_hash(in.link, request.link_hash);
    kit_text_copy(request.password, sizeof(request.password), in.password);
    msg_rpc_password_set_request_encode(&request, out);
    kit_wipe(&in, sizeof(in));
    kit_wipe(&request, sizeof(request));
    return KIT_OK;
}

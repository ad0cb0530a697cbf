/* The table of problems and the way from an error to an HTTP answer. */
#include "bridge/problem.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/text.h"
#include "msg/http_problem.gen.h"

static const struct problem_kind KINDS[] = {
    { "malformed-json", 400, "The body is not well-formed JSON",
      "The body is read strictly: one JSON document in UTF-8, no duplicate keys, nothing after it, "
      "at "
      "most 16 levels deep, whole numbers only. The detail says where reading stopped." },
    { "empty-body", 400, "The body is empty",
      "This request needs a JSON object as its body, for example "
      "{\"name\":\"computer\",\"qty\":9}." },
    { "invalid-id", 400, "The id is not valid",
      "Ids are whole numbers from 1 to 9007199254740991, written in plain decimal: no sign, no "
      "leading "
      "zero, no percent-encoding." },
    { "invalid-query", 400, "The query is not valid",
      "Lists take ?page= (from 0) and ?size= (1 to 100, normally 20), /assets instead of them "
      "?label=, /picks also ?sort=, a pickup code ?format=, /events ?kind=, ?subject= and ?after=, "
      "/processes/history ?since=; instead of a page /myOrders ?status=, ?sort=, ?ids=, ?product= "
      "and ?locker=, /assets "
      "?order=, ?product= or ?place=, /products ?q=; nothing else takes a query." },
    { "invalid-host", 400, "The Host header is not valid",
      "Send the name or address under which you reach the server, and the port if it is not 80, "
      "once." },
    { "https-only", 400, "This port speaks HTTPS",
      "Nothing was read. Write https:// in front of the address." },
    { "unknown-host", 421, "The server is not reached under this name",
      "Ask for localhost, or for the server's address. A name of its own stands in the bridge's "
      "setting hosts: otherwise any page could ask for one that leads here." },
    { "cross-site", 403, "A page of another site asks for it",
      "Browsers tell which page sends a request (Origin, Sec-Fetch-Site). Only pages of this "
      "server "
      "may change something here." },
    { "invalid-idempotency-key", 400, "The Idempotency-Key is not valid",
      "Send 1 to 94 visible ASCII characters, once: a UUID is fine." },
    { "invalid-header", 400, "A header is not valid",
      "A header that may be given once was given twice, two headers contradict each other, or the "
      "head has a control character. The connection is closed." },
    { "unknown-path", 404, "There is nothing at this path", "GET / lists what is served here." },
    { "no-pages", 404, "There are no pages here",
      "The API is served without them. They are built with npm: run deploy/bootstrap and build "
      "again "
      "where a registry can be reached, then start the bridge again." },
    { "no-simulator", 404, "No simulator runs here",
      "There is nothing to play with in this system. deploy/up --demo starts one with a "
      "simulator." },
    { "not-found", 404, "There is no such object",
      "The id is well-formed, but nothing has it (yet: copies and order views follow within "
      "moments)." },
    { "method-not-allowed", 405, "The method is not allowed here",
      "The Allow header of the answer lists the methods that this path takes." },
    { "method-not-implemented", 501, "The method is not known",
      "Methods are GET, HEAD, POST, PATCH, DELETE and OPTIONS, in capitals." },
    { "unknown-transfer-coding", 501, "The Transfer-Encoding is not known",
      "Send the body with a Content-Length, or with Transfer-Encoding: chunked. The connection is "
      "closed." },
    { "not-acceptable", 406, "There is no such form of it",
      "The Accept header names no form in which this is served. The detail lists them." },
    { "no-code", 404, "The delivery has no code now",
      "A code exists while goods wait in a locker (READY), or while a return was asked for and "
      "nothing was brought yet (RETURNING)." },
    { "no-free-compartment", 409, "No compartment is free",
      "Nothing was changed. Try again later, or bring the goods to the counter." },
    { "already-collected", 409, "The goods were collected",
      "What was collected comes back by a return, not by a cancel." },
    { "illegal-move", 409, "The asset cannot make this move",
      "The detail says where it is and where it may go (rules/stock.md 5.3). Nothing moved." },
    { "asset-in-use", 409, "The asset belongs to an order",
      "It moves only together with its order: by scans and at lockers. Nothing moved." },
    { "not-a-station", 409, "The station has the name of a scanner",
      "A scanner has a session of its own, and nobody scans in it but the scanner. Name the "
      "station "
      "otherwise." },
    { "too-many-stations", 409, "There are too many stations",
      "A station is forgotten when it has not scanned for a week. Scan at one that is there." },
    { "counted-by-scans", 409, "The quantity is counted by scans",
      "The units of a serialised product are registered when their labels are scanned, so its "
      "quantity cannot be set." },
    { "gtin-taken", 409, "Another product has this GTIN",
      "A GTIN names one product. The detail says which one has it." },
    { "refused", 409, "The rules do not allow it now",
      "The request is understood but is against a business rule in the present state." },
    { "fails-again", 409, "The event still cannot be applied",
      "The detail says why; it stays a dead letter. Mend the cause and retry, or skip it." },
    { "letter-waits", 409, "It waits behind another dead letter",
      "Events of one subject are applied in their order. The detail says which one is first: retry "
      "or skip that one." },
    { "below-committed", 409, "The quantity is below what is committed",
      "A product's registered quantity cannot go below the pieces that are reserved or rented "
      "now." },
    { "cancel-refused", 409, "Delivery does not agree to the cancel",
      "Delivery answered, and said no; the detail has its words. The rental is unchanged. Trying "
      "again does not help: the staff must look into it." },
    { "order-mismatch", 409, "The order is not the one that delivery keeps",
      "The cancel names another product, quantity or fulfilment than delivery's own record. The "
      "staff must look into it." },
    { "conflict", 409, "It changed meanwhile",
      "Somebody else changed the same object at the same time. Read it again and repeat." },
    { "too-large", 413, "The body is too large", "A body may have at most 65536 bytes." },
    { "uri-too-long", 414, "The request target is too long",
      "A path with its query may have at most 1024 bytes." },
    { "unsupported-media-type", 415, "The Content-Type is not supported",
      "Send Content-Type: application/json; PATCH takes application/merge-patch+json as well." },
    { "invalid-body", 422, "A value in the body is not valid",
      "The body is well-formed JSON, but a member is missing, unknown, of the wrong type or out of "
      "range. The pointer names it." },
    { "idempotency-key-reused", 422, "The Idempotency-Key was used with another body",
      "A key stands for one request for 24 hours. Send the same body again to get the same answer, "
      "or "
      "take a new key for a new request." },
    { "csrf-token", 403, "The page has not shown that it is ours",
      "Beside the cookie, what changes something carries the header X-CSRF-Token. POST /sessions "
      "and GET /me tell it." },
    { "open-system", 404, "Nobody signs in here",
      "This Lockstock is open: whoever comes is operator. deploy/up --accounts makes a closed "
      "one." },
    { "unauthenticated", 401, "Nobody has proven to be somebody",
      "The name, the password or the token is wrong, or over. Sign in anew." },
    { "forbidden", 403, "The caller may not do it",
      "The service does not take this from this caller." },
    { "bad-answer", 502, "A service gave an answer that cannot be read",
      "This is a fault of the server. Its log says more." },
    { "unknown-method", 502, "A service does not know this request",
      "Bridge and service are of different versions. Tell the operator." },
    { "overloaded", 503, "Too much is under way",
      "Nothing was changed. Wait as long as Retry-After says and repeat." },
    { "service-unavailable", 503, "A service that is needed is down",
      "Nothing was changed. Wait as long as Retry-After says and repeat." },
    { "recovering", 503, "A service has lost its database, or got it from a backup",
      "Nothing was changed. It takes new work when it knows which numbers are in use; an operator "
      "sees at /readyz for what it waits." },
    { "cancel-unavailable", 503, "A rental cannot be canceled now",
      "Canceling needs delivery's word, and that of the locker in which the goods wait, if they "
      "do. One of them does not answer: the detail says which one, and what becomes of the order. "
      "The rental is not canceled yet. Wait as long as Retry-After says and repeat." },
    { "no-answer", 503, "A service did not answer in time",
      "Wait as long as Retry-After says and repeat." },
    { "outcome-unknown", 503, "It is not known whether it was done",
      "The service did not confirm in time; it may have done it. Repeat the request with the same "
      "Idempotency-Key: it is done once, and you get the answer. Without a key, look before you "
      "repeat." },
    { "storage-full", 503, "The disk is full",
      "Nothing was changed. The service takes new work by itself when there is room again." },
    { "storage-failed", 503, "The storage failed", "Nothing was confirmed. Repeat later." },
    { "storage-corrupt", 500, "Stored data is damaged",
      "The service has stopped to protect what is left. The operator must restore a backup." },
};

const struct problem_kind *problem_kind_at(size_t index)
{
    return index < KIT_COUNT(KINDS) ? &KINDS[index] : NULL;
}

const struct problem_kind *problem_kind_find(const char *slug)
{
    const struct problem_kind *kind = NULL;

    for (size_t i = 0; (kind = problem_kind_at(i)) != NULL; i++) {
        if (strcmp(kind->slug, slug) == 0)
            break;
    }
    return kind;
}

int64_t problem_retry_after_s(int64_t retry_after_ms)
{
    return retry_after_ms <= 1000 ? 1 : (retry_after_ms - 1) / 1000 + 1;
}

void problem_from_error(const struct kit_error *err, struct problem *ret)
{
    PRE(err->code != KIT_OK && err->code != KIT_PENDING);
    const char *slug = err->type[0] != '\0' ? err->type : kit_code_type(err->code);
    const struct problem_kind *kind = problem_kind_find(slug);

    ret->slug = slug;
    ret->status = kind != NULL ? kind->status : kit_code_http_status(err->code);
    ret->title = kind != NULL ? kind->title : kit_code_text(err->code);
    ret->detail = err->text[0] != '\0' ? err->text : ret->title;
    ret->pointer = err->pointer;
    ret->retry_after_s = ret->status == 503 ? problem_retry_after_s(err->retry_after_ms) : 0;
}

void problem_from_call(const struct kit_error *err, const char *repeat_hint, struct kit_error *ret)
{
    const bool is_unanswered = err->code == KIT_E_TIMEOUT || err->code == KIT_E_UNAVAILABLE;

    if (err->type[0] != '\0')
        *ret = *err;
    else if (is_unanswered && repeat_hint != NULL)
        kit_error_typed(ret, KIT_E_TIMEOUT, "outcome-unknown", "%s; it may have been done: %s",
                        err->text, repeat_hint);
    else if (is_unanswered)
        kit_error_set(ret, err->code, "%s; try again later", err->text);
    else
        kit_error_typed(ret, KIT_E_IO, "bad-answer",
                        "the service's answer cannot be read (%s); tell the operator", err->text);
}

void problem_encode(const struct problem *problem, const char *instance, struct kit_buf *out)
{
    struct msg_http_problem wire = { .status = problem->status };

    snprintf(wire.type, sizeof(wire.type), "/problems/%s", problem->slug);
    kit_text_copy(wire.title, sizeof(wire.title), problem->title);
    kit_text_copy(wire.detail, sizeof(wire.detail), problem->detail);
    if (instance[0] != '\0') {
        wire.has_instance = true;
        kit_text_copy(wire.instance, sizeof(wire.instance), instance);
    }
    if (problem->pointer[0] != '\0') {
        wire.has_pointer = true;
        kit_text_copy(wire.pointer, sizeof(wire.pointer), problem->pointer);
    }
    msg_http_problem_encode(&wire, out);
}

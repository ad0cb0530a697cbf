/* Pages instead of JSON. See request_page.h. */
#include "bridge/request_page.h"

#include <string.h>

#include "bridge/accept.h"
#include "bridge/pages.h"
#include "bridge/request_answer.h"

#define POLICY(scripts)                                                                            \
    "default-src 'self'; " scripts "img-src 'self' data: blob:; connect-src 'self'; "              \
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

static const char STRICT[] = POLICY("");
static const char WITH_WASM[] = POLICY("script-src 'self' 'wasm-unsafe-eval'; ");

bool request_wants_page(const struct request *request)
{
    return request->match.route->kind == ROUTE_INDEX && request->port == BRIDGE_PORT_ALL &&
           request->bridge->pages != NULL && accept_prefers_page(request->headers.accept);
}

static const struct page *find_page(const struct request *request, struct kit_error *err)
{
    const struct pages *pages = request->bridge->pages;

    if (pages == NULL) {
        kit_error_typed(err, KIT_E_NOT_FOUND, "no-pages",
                        "no pages are installed here; build them where npm can be reached, and "
                        "start the bridge again");
        return NULL;
    }
    const struct page *page = pages_find(
        pages, request->match.route->kind == ROUTE_INDEX ? PAGES_ROOT : request->path);
    if (page == NULL)
        kit_error_typed(err, KIT_E_NOT_FOUND, "unknown-path",
                        "no file of the pages has this path; " PAGES_ROOT " is where they begin");
    return page;
}

void request_answer_page(struct request *request)
{
    struct answer *answer = &request->answer;
    const char *known = request->headers.if_none_match;

    const struct page *page = find_page(request, &request->refusal);
    if (page == NULL) {
        request_answer_problem(request, &request->refusal);
        return;
    }
    const bool is_gzip = page->gzip.data != NULL &&
                         accept_takes_gzip(request->headers.accept_encoding);
    answer->page = page;
    answer->page_bytes = is_gzip ? &page->gzip : &page->plain;
    answer->content_type = page->type;
    /* A tag has quotes at both ends, so that one is never part of another. */
    const bool is_known = known != NULL && strstr(known, answer->page_bytes->tag) != NULL;
    answer->status = is_known ? 304 : 200;
    request->state = REQUEST_ANSWERED;
}

bool request_page_header(const struct request *request, size_t index, const char **ret_name,
                         const char **ret_value)
{
    const struct answer *answer = &request->answer;
    const bool may_compile = pages_may_compile(request->bridge->pages, request->path);
    const bool is_gzip = answer->page_bytes == &answer->page->gzip;
    const char *const headers[][2] = {
        { "Cache-Control",
          answer->page->is_immutable ? "public, max-age=31536000, immutable" : "no-cache" },
        { "ETag", answer->page_bytes->tag },
        { "Vary", "Accept, Accept-Encoding" },
        { "Content-Security-Policy", may_compile ? WITH_WASM : STRICT },
        { "Referrer-Policy", "no-referrer" },
        { "Cross-Origin-Opener-Policy", "same-origin" },
        { "Content-Encoding", is_gzip ? "gzip" : NULL },
    };

    if (index >= KIT_COUNT(headers) || headers[index][1] == NULL)
        return false;
    *ret_name = headers[index][0];
    *ret_value = headers[index][1];
    return true;
}

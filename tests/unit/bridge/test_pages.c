/* Pages: which file a path gets, in which form, with which headers; and folders that are not fit to
 * be served. */
#include <sys/stat.h>
#include <unistd.h>

#include "bridge/accept.h"
#include "bridge/pages.h"
#include "bridge/request_page.h"
#include "request_world.h"

#define SCRIPT "/ui/js/app.3fa9c1d2.js"
#define FILES                                                                                      \
    "\"files\":["                                                                                  \
    "{\"path\":\"" SCRIPT "\",\"file\":\"js/app.js\",\"type\":\"text/javascript; charset=utf-8\"," \
    "\"gzip\":\"js/app.js.gz\",\"immutable\":true},"                                               \
    "{\"path\":\"/ui/\",\"file\":\"index.html\",\"type\":\"text/html; charset=utf-8\","            \
    "\"immutable\":false}]"
#define MANIFEST "{" FILES ",\"wasm\":[\"/ui/staff/scan\"]}"

static char folder[] = "/tmp/lockstock-pages-XXXXXX";
static const char *const NAMES[] = { "manifest.json", "index.html", "js/app.js", "js/app.js.gz" };

static void write_file(const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wbe");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int make_folder(void **state)
{
    char path[128];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/js", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    write_file("index.html", "<!doctype html>");
    write_file("js/app.js", "start()");
    write_file("js/app.js.gz", "GZ");
    write_file("manifest.json", MANIFEST);
    return 0;
}

static int remove_folder(void **state)
{
    char path[128];

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(NAMES); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, NAMES[i]);
        unlink(path);
    }
    snprintf(path, sizeof(path), "%s/js", folder);
    rmdir(path);
    return rmdir(folder);
}

static struct pages *load(void)
{
    struct pages *pages = NULL;
    struct kit_error error = { 0 };

    if (pages_load(folder, &pages, &error) != KIT_OK)
        fail_msg("%s", error.text);
    return pages;
}

/* ---- the folder ---- */

static void test_pages_find_path_finds_file(void **state)
{
    static const struct {
        const char *path, *bytes; /* NULL: nothing is there */
    } rows[] = {
        { "/ui/", "<!doctype html>" },
        { "/ui", "<!doctype html>" },
        { "/ui/shop/7", "<!doctype html>" },
        { "/ui/a.b/c", "<!doctype html>" },
        { SCRIPT, "start()" },
        { "/ui/js/app.js", NULL },
        { "/ui/index.html", NULL },
        { "/ui/../manifest.json", NULL },
        { "/ui/%2e%2e/manifest.json", NULL },
    };

    (void)state;
    struct pages *pages = load();
    assert_int_equal(pages_count(pages), 2);
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const struct page *page = pages_find(pages, rows[i].path);
        assert_int_equal(page != NULL, rows[i].bytes != NULL);
        if (page != NULL)
            assert_memory_equal(page->plain.data, rows[i].bytes, strlen(rows[i].bytes));
    }
    assert_true(pages_may_compile(pages, "/ui/staff/scan"));
    assert_false(pages_may_compile(pages, "/ui/staff"));
    pages_free(pages);
}

static void test_pages_load_what_is_not_fit_is_refused(void **state)
{
    static const struct {
        const char *manifest;
        int code;
        const char *says;
    } rows[] = {
        { "{", KIT_E_MALFORMED, "manifest.json" },
        { "{\"files\":[]}", KIT_E_INVALID, "no file has the path /ui/" },
        { "{\"files\":[{\"path\":\"/etc/\",\"file\":\"index.html\",\"type\":\"text/html\"}]}",
          KIT_E_INVALID, "below /ui/" },
        { "{\"files\":[{\"path\":\"/ui/\",\"file\":\"../x\",\"type\":\"text/html\"}]}",
          KIT_E_INVALID, "'../x' is no file" },
        { "{\"files\":[{\"path\":\"/ui/\",\"file\":\"none\",\"type\":\"text/html\"}]}", KIT_E_IO,
          "missing" },
        { "{" FILES ",\"wasm\":[1]}", KIT_E_INVALID, "wasm" },
    };
    struct pages *pages = NULL;
    struct kit_error error;

    (void)state;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        write_file("manifest.json", rows[i].manifest);
        error = (struct kit_error){ 0 };
        assert_int_equal(pages_load(folder, &pages, &error), rows[i].code);
        assert_non_null(strstr(error.text, rows[i].says));
        assert_null(pages);
    }
    write_file("manifest.json", MANIFEST);
    assert_int_equal(pages_load("/nowhere", &pages, &error), KIT_E_NOT_FOUND);
}

/* ---- requests ---- */

static const char *header_of(const struct request *request, const char *wanted)
{
    const char *name, *value;

    for (size_t i = 0; request_page_header(request, i, &name, &value); i++) {
        if (strcmp(name, wanted) == 0)
            return value;
    }
    return "";
}

#define BROWSER "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

static void test_request_index_is_a_page_for_browsers_alone(void **state)
{
    static const struct {
        const char *accept;
        bool is_page;
    } rows[] = {
        { BROWSER, true },
        { "text/html", true },
        { "application/json;q=0.5, TEXT/HTML", true },
        { "*/*", false }, /* curl, HTTPie */
        { NULL, false },
        { "application/json, */*;q=0.5", false },     /* HTTPie with a body */
        { "application/hal+json, text/html", false }, /* a HAL client */
        { "text/html;q=0.9, application/json", false },
        { "text/html;q=0, */*", false },
        { "text/*", false },
    };

    (void)state;
    struct pages *pages = load();
    bridge.pages = pages;
    for (size_t i = 0; i < KIT_COUNT(rows); i++) {
        const struct request_headers headers = { .host = "shop", .accept = rows[i].accept };
        struct request *request = start("GET", "/", &headers, NULL);
        assert_int_equal(request->answer.status, 200);
        assert_int_equal(request->answer.page != NULL, rows[i].is_page);
        assert_string_equal(request->answer.content_type,
                            rows[i].is_page ? "text/html; charset=utf-8" : "application/hal+json");
        request_free(request);
    }
    pages_free(pages);
}

static void test_request_other_ports_and_no_pages_have_the_index(void **state)
{
    const struct request_headers headers = { .host = "shop", .accept = BROWSER };

    (void)state;
    struct request *request = start("GET", "/", &headers, NULL);
    assert_string_equal(request->answer.content_type, "application/hal+json");
    request_free(request);
    request = start("GET", "/ui/", &headers, NULL);
    assert_problem(request, 404, "no-pages");
    request_free(request);

    struct pages *pages = load();
    bridge.pages = pages;
    request = request_new(&bridge, "/");
    request->connection = &world;
    assert_false(request_on_headers(request, BRIDGE_PORT_RENTAL, "GET", &headers));
    request_on_end(request);
    assert_string_equal(request->answer.content_type, "application/hal+json");
    request_free(request);
    pages_free(pages);
}

static void test_request_page_headers_say_how_long_and_what_may_run(void **state)
{
    static const struct request_headers gzip = { .host = "shop",
                                                 .accept_encoding = "br, gzip;q=0.5" };

    (void)state;
    struct pages *pages = load();
    bridge.pages = pages;
    struct request *request = start("GET", SCRIPT, &gzip, NULL);
    assert_memory_equal(request->answer.page_bytes->data, "GZ", 2);
    assert_string_equal(header_of(request, "Content-Encoding"), "gzip");
    assert_non_null(strstr(header_of(request, "Cache-Control"), "immutable"));
    assert_null(strstr(header_of(request, "Content-Security-Policy"), "wasm"));
    request_free(request);

    request = start("HEAD", "/ui/staff/scan?camera=1", &plain, NULL);
    assert_string_equal(header_of(request, "Content-Encoding"), "");
    assert_string_equal(header_of(request, "Cache-Control"), "no-cache");
    assert_non_null(strstr(header_of(request, "Content-Security-Policy"),
                           "script-src 'self' 'wasm-unsafe-eval';"));
    request_free(request);
    request = start("GET", "/ui/none.js", &plain, NULL);
    assert_problem(request, 404, "unknown-path");
    request_free(request);
    pages_free(pages);
}

static void test_request_page_that_the_browser_has_is_304(void **state)
{
    (void)state;
    struct pages *pages = load();
    bridge.pages = pages;
    const char *tag = pages_find(pages, "/ui/")->plain.tag;
    char several[80];

    snprintf(several, sizeof(several), "\"x\", W/%s", tag);
    const char *const known[] = { tag, several, "\"0123456789abcdef\"" };
    for (size_t i = 0; i < KIT_COUNT(known); i++) {
        const struct request_headers headers = { .host = "shop", .if_none_match = known[i] };
        struct request *request = start("GET", "/ui/", &headers, NULL);
        assert_int_equal(request->answer.status, i < 2 ? 304 : 200);
        assert_string_equal(header_of(request, "ETag"), tag);
        request_free(request);
    }
    pages_free(pages);
}

/* Objects are used again: what was a page once answers with its body. */
static void test_request_after_a_page_is_answered_by_the_service(void **state)
{
    (void)state;
    struct pages *pages = load();
    bridge.pages = pages;
    request_free(start("GET", "/ui/", &plain, NULL));
    struct request *request = start("GET", "/rentals/3", &plain, NULL);
    reply("ok", RENTAL);
    assert_null(request->answer.page);
    assert_int_equal(request->answer.status, 200);
    request_free(request);
    pages_free(pages);
}

static void test_accept_takes_gzip_as_its_weight_says(void **state)
{
    (void)state;
    assert_true(accept_takes_gzip("gzip, deflate, br"));
    assert_true(accept_takes_gzip("*"));
    assert_false(accept_takes_gzip("gzip;q=0, *"));
    assert_false(accept_takes_gzip("br, identity"));
    assert_false(accept_takes_gzip(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_pages_find_path_finds_file),
        TEST(test_pages_load_what_is_not_fit_is_refused),
        TEST(test_request_index_is_a_page_for_browsers_alone),
        TEST(test_request_other_ports_and_no_pages_have_the_index),
        TEST(test_request_page_headers_say_how_long_and_what_may_run),
        TEST(test_request_page_that_the_browser_has_is_304),
        TEST(test_request_after_a_page_is_answered_by_the_service),
        TEST(test_accept_takes_gzip_as_its_weight_says),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}

/* Clocks, randomness, the key and the password of a PC; and the panel's lines. */
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fakes/cmocka_all.h"
#include "ports/linux/panel.h"
#include "ports/linux/world.h"

static char folder[] = "/tmp/lockstock-world-XXXXXX";
static char path[64];
static char error[FW_LINUX_ERROR_SIZE];

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_mac_sign_is_hmac_sha_256(void **state)
{
    (void)state;
    /* Computed with another implementation (Python's hmac) over key 00 01 .. 1f. */
    static const char wanted[] = "48646cef39c1b4e5144b9a64d0f2b9a321270394fc813a24dce305588377c3c6";
    struct fw_linux_mac mac;
    uint8_t seen[FW_MAC_BYTES];
    char hex[2 * FW_MAC_BYTES + 1];
    write_file("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
    assert_int_equal(fw_linux_mac_load(&mac, path, error), FW_OK);
    struct fw_mac port = fw_linux_mac_port(&mac);
    port.sign(port.self, "lockstock/v1/cmd\n", 17, seen);
    sodium_bin2hex(hex, sizeof(hex), seen, sizeof(seen));
    assert_string_equal(hex, wanted);
}

static void test_mac_load_of_what_is_no_key_is_refused_without_showing_it(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "00",
        "secretsecretsecret",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1", /* 63 */
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00",
        "g00102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    };
    struct fw_linux_mac mac;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        write_file(texts[i]);
        assert_int_equal(fw_linux_mac_load(&mac, path, error), FW_E_INVALID);
        assert_non_null(strstr(error, "64 hex digits"));
        assert_null(strstr(error, "secretsecret"));
    }
    assert_int_equal(fw_linux_mac_load(&mac, "/nowhere/key", error), FW_E_IO);
    assert_non_null(strstr(error, "/nowhere/key"));
}

static void test_secret_load_takes_the_first_line(void **state)
{
    (void)state;
    char secret[FW_LINUX_SECRET_SIZE];
    write_file("pass word\r\nmore\n");
    assert_int_equal(fw_linux_secret_load(path, secret, error), FW_OK);
    assert_string_equal(secret, "pass word");
}

static void test_secret_load_of_nothing_or_too_much_is_refused(void **state)
{
    (void)state;
    char secret[FW_LINUX_SECRET_SIZE] = "as before";
    char much[2 * FW_LINUX_SECRET_SIZE];
    memset(much, 'x', sizeof(much));
    much[sizeof(much) - 1] = '\0';
    write_file("\n");
    assert_int_equal(fw_linux_secret_load(path, secret, error), FW_E_INVALID);
    write_file(much);
    assert_int_equal(fw_linux_secret_load(path, secret, error), FW_E_INVALID);
    assert_int_equal(fw_linux_secret_load("/nowhere", secret, error), FW_E_IO);
    assert_string_equal(secret, "as before");
}

static void test_clock_and_rng_give_something_sensible(void **state)
{
    (void)state;
    struct fw_clock clock = fw_linux_clock();
    struct fw_rng rng = fw_linux_rng();
    uint8_t first[16] = { 0 };
    uint8_t second[16] = { 0 };
    int64_t mono_ms = clock.mono_ms(clock.self);
    assert_true(clock.mono_ms(clock.self) >= mono_ms);
    assert_true(clock.wall_ms(clock.self) > INT64_C(1700000000000));
    rng.fill(rng.self, first, sizeof(first));
    rng.fill(rng.self, second, sizeof(second));
    assert_memory_not_equal(first, second, sizeof(first));
}

/* ---- the panel ---- */

static FILE *paper; /* what the panel is shown on */
static struct fw_linux_panel panel;

static size_t shown(char *ret_text, size_t size_max)
{
    rewind(paper);
    size_t size = fread(ret_text, 1, size_max - 1, paper);
    ret_text[size] = '\0';
    return size;
}

static void panel_on_paper(bool traces)
{
    paper = tmpfile();
    assert_non_null(paper);
    fw_linux_panel_open(&panel, fileno(paper), traces, fw_linux_clock());
}

static void panel_end(void)
{
    fw_linux_panel_close(&panel);
    fclose(paper);
}

static void test_panel_show_is_one_line_whatever_the_text(void **state)
{
    (void)state;
    char text[256];
    panel_on_paper(false);
    struct fw_panel port = fw_linux_panel_port(&panel);
    port.show(port.self, FW_SIGNAL_OK, "put it into bin A-01");
    port.show(port.self, FW_SIGNAL_ERROR, "two\nlines\x1b[0m");
    port.show(port.self, FW_SIGNAL_NONE, "");
    (void)shown(text, sizeof(text));
    assert_string_equal(text, "panel ok put it into bin A-01\npanel error two lines [0m\n"
                              "panel none \n");
    panel_end();
}

static void test_panel_trace_is_json_and_only_when_wanted(void **state)
{
    (void)state;
    char text[512];
    panel_on_paper(false);
    fw_linux_panel_trace(&panel, "in", "ack", "{}", 2);
    assert_int_equal(shown(text, sizeof(text)), 0);
    panel_end();

    panel_on_paper(true);
    fw_linux_panel_trace(&panel, "in", "ack", "{\"a\":\"\\\xff\x01\"}", 11);
    (void)shown(text, sizeof(text));
    assert_non_null(strstr(text, "\"what\":\"in\",\"name\":\"ack\",\"text\":"
                                 "\"{\\\"a\\\":\\\"\\\\\\u00ff\\u0001\\\"}"));
    assert_int_equal(text[0], '{');
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
    struct fw_trace trace = fw_linux_trace_port(&panel);
    trace.write(trace.self, "note this");
    (void)shown(text, sizeof(text));
    assert_non_null(strstr(text, "\"what\":\"note\",\"name\":\"\",\"text\":\"note this\"}"));
    panel_end();
}

/* Nobody reads: the lines that do not fit are dropped and counted, and the others stay whole. */
static void test_panel_show_on_a_full_pipe_drops_whole_lines_and_goes_on(void **state)
{
    (void)state;
    enum { SHOWN = 20000 };
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fw_linux_panel_open(&panel, ends[1], false, fw_linux_clock());
    struct fw_panel port = fw_linux_panel_port(&panel);
    for (int i = 0; i < SHOWN; i++)
        port.show(port.self, FW_SIGNAL_OK, "0123456789");
    assert_true(panel.dropped > 0 && panel.dropped < SHOWN);
    assert_true(fw_linux_panel_wants_out(&panel));

    static const char line[] = "panel ok 0123456789\n";
    char seen[sizeof(line)];
    int64_t whole = 0;
    while (whole < SHOWN - panel.dropped) {
        assert_int_equal(read(ends[0], seen, sizeof(line) - 1), sizeof(line) - 1);
        assert_memory_equal(seen, line, sizeof(line) - 1);
        fw_linux_panel_flush(&panel);
        whole++;
    }
    assert_false(fw_linux_panel_wants_out(&panel));
    int64_t dropped = panel.dropped;
    port.show(port.self, FW_SIGNAL_OK, "0123456789");
    assert_int_equal(read(ends[0], seen, sizeof(line) - 1), sizeof(line) - 1);
    assert_int_equal(panel.dropped, dropped);
    fw_linux_panel_close(&panel);
    close(ends[0]);
    close(ends[1]);
}

static void test_panel_show_on_a_closed_pipe_goes_on(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    fw_linux_panel_open(&panel, ends[1], true, fw_linux_clock());
    close(ends[0]);
    struct fw_panel port = fw_linux_panel_port(&panel);
    port.show(port.self, FW_SIGNAL_OK, "to nobody");
    assert_false(fw_linux_panel_wants_out(&panel));
    assert_true(panel.dropped > 0);
    fw_linux_panel_close(&panel);
    close(ends[1]);
    fw_linux_panel_open(&panel, -1, false, fw_linux_clock()); /* no standard output at all */
    port.show(port.self, FW_SIGNAL_OK, "to nobody");
    assert_int_equal(panel.dropped, 1);
}

static int setup_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    return sodium_init() < 0 ? -1 : 0;
}

static int teardown_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mac_sign_is_hmac_sha_256),
        cmocka_unit_test(test_mac_load_of_what_is_no_key_is_refused_without_showing_it),
        cmocka_unit_test(test_secret_load_takes_the_first_line),
        cmocka_unit_test(test_secret_load_of_nothing_or_too_much_is_refused),
        cmocka_unit_test(test_clock_and_rng_give_something_sensible),
        cmocka_unit_test(test_panel_show_is_one_line_whatever_the_text),
        cmocka_unit_test(test_panel_trace_is_json_and_only_when_wanted),
        cmocka_unit_test(test_panel_show_on_a_full_pipe_drops_whole_lines_and_goes_on),
        cmocka_unit_test(test_panel_show_on_a_closed_pipe_goes_on),
    };
    return cmocka_run_group_tests(tests, setup_folder, teardown_folder);
}

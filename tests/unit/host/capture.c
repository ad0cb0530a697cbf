/* See capture.h: the descriptor points at an unnamed file meanwhile. */
#include "capture.h"

#include "fakes/cmocka_all.h"

#include <stdio.h>
#include <unistd.h>

static int captured_fd = -1;
static int saved_fd;
static FILE *file;

void capture_begin(int fd)
{
    assert_int_equal(captured_fd, -1);
    fflush(NULL);
    file = tmpfile();
    assert_non_null(file);
    captured_fd = fd;
    saved_fd = dup(fd);
    assert_true(dup2(fileno(file), fd) >= 0);
}

void capture_end(char *ret_text, size_t size_bytes)
{
    fflush(NULL);
    assert_true(dup2(saved_fd, captured_fd) >= 0);
    close(saved_fd);
    captured_fd = -1;
    ssize_t got = pread(fileno(file), ret_text, size_bytes - 1, 0);
    assert_true(got >= 0);
    ret_text[got] = '\0';
    fclose(file);
}

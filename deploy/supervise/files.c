/* Files under DIR: see files.h. */
#include "deploy/supervise/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PIECE_BYTES (64 * 1024)
#define REPORT_BYTES_MAX 1024

/* Somebody may have removed it. */
static void make_folder(const char *dir, const char *name)
{
    char path[FILES_PATH_SIZE];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    (void)mkdir(path, 0700); /* what is opened in it says why there is none */
}

/* ---- numbers ---- */

void files_path(const char *dir, const char *name, const char *suffix,
                char ret_path[FILES_PATH_SIZE])
{
    snprintf(ret_path, FILES_PATH_SIZE, "%s/run/%s.%s", dir, name, suffix);
}

int64_t files_read_number(const char *dir, const char *name, const char *suffix)
{
    char path[FILES_PATH_SIZE];
    char text[24];
    char *end;

    files_path(dir, name, suffix, path);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    const ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[got > 0 ? got : 0] = '\0';
    const int64_t number = strtoll(text, &end, 10);
    return end != text && *end == '\n' && number >= 0 ? number : -1;
}

void files_read_text(const char *dir, const char *name, char *ret, size_t size)
{
    char path[FILES_PATH_SIZE];

    ret[0] = '\0';
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    const ssize_t got = read(fd, ret, size - 1);
    close(fd);
    ret[got > 0 ? got : 0] = '\0';
}

void files_write_number(const char *dir, const char *name, const char *suffix, int64_t number)
{
    char path[FILES_PATH_SIZE];
    char aside[FILES_PATH_SIZE + 8];

    if (files_read_number(dir, name, suffix) == number)
        return;
    make_folder(dir, "run");
    files_path(dir, name, suffix, path);
    snprintf(aside, sizeof(aside), "%s.new", path);
    FILE *file = fopen(aside, "we");
    if (file == NULL)
        return;
    const bool is_written = fprintf(file, "%" PRId64 "\n", number) > 0;
    if (fclose(file) != 0 || !is_written || rename(aside, path) != 0)
        (void)unlink(aside);
}

void files_remove(const char *dir, const char *name, const char *suffix)
{
    char path[FILES_PATH_SIZE];

    files_path(dir, name, suffix, path);
    (void)unlink(path);
}

bool files_exists(const char *dir, const char *name, const char *suffix)
{
    char path[FILES_PATH_SIZE];

    files_path(dir, name, suffix, path);
    return access(path, F_OK) == 0;
}

void files_rename(const char *dir, const char *name, const char *suffix, const char *other)
{
    char path[FILES_PATH_SIZE];
    char renamed[FILES_PATH_SIZE];

    files_path(dir, name, suffix, path);
    files_path(dir, name, other, renamed);
    (void)rename(path, renamed);
}

/* ---- logs ---- */

bool files_is_wanted(const char *dir, const char *name)
{
    char text[2];

    if (name == NULL)
        return true;
    files_read_text(dir, name, text, sizeof(text));
    return text[0] != '\0';
}

int files_open_log(const char *dir, const char *name)
{
    char path[FILES_PATH_SIZE];
    char moved[FILES_PATH_SIZE + 4];
    struct stat info;

    make_folder(dir, "log");
    snprintf(path, sizeof(path), "%s/log/%s.log", dir, name);
    snprintf(moved, sizeof(moved), "%s.1", path);
    if (stat(path, &info) == 0 && info.st_size >= FILES_LOG_BYTES_MAX)
        (void)rename(path, moved);
    return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static bool copy(int from, int to)
{
    static char piece[PIECE_BYTES];
    ssize_t got;

    while ((got = read(from, piece, sizeof(piece))) > 0) {
        if (write(to, piece, (size_t)got) != got)
            return false;
    }
    return got == 0;
}

/* Both names are in the folder. */
static void move_content(int folder_fd, const char *name, const char *moved)
{
    const int from = openat(folder_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (from < 0)
        return;
    const int to = openat(folder_fd, moved, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                          0600);
    const bool is_moved = to >= 0 && copy(from, to) && ftruncate(from, 0) == 0;
    (void)is_moved; /* else it grows on, and its next turn comes */
    if (to >= 0)
        close(to);
    close(from);
}

static void look_at_folder(const char *dir, const char *name)
{
    char path[FILES_PATH_SIZE];
    char moved[sizeof(((struct dirent *)NULL)->d_name) + 4];
    const struct dirent *entry;
    struct stat info;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    while ((entry = readdir(folder)) != NULL) {
        const size_t length = strlen(entry->d_name);
        if (length < 4 || strcmp(entry->d_name + length - 4, ".log") != 0 ||
            fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(info.st_mode) || info.st_size < FILES_LOG_BYTES_MAX)
            continue;
        snprintf(moved, sizeof(moved), "%s.1", entry->d_name);
        move_content(dirfd(folder), entry->d_name, moved);
    }
    closedir(folder);
}

void files_look_at_logs(const char *dir)
{
    look_at_folder(dir, "log");
    look_at_folder(dir, "sim/demo");
}

/* ---- report ---- */

void files_report(const char *dir, const char *format, ...)
{
    char text[REPORT_BYTES_MAX];
    char stamp[40] = "";
    va_list values;
    struct tm parts;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    dprintf(STDERR_FILENO, "%s\n", text);
    const int fd = files_open_log(dir, "supervise");
    if (fd < 0)
        return;
    const time_t now = time(NULL);
    if (localtime_r(&now, &parts) != NULL)
        (void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S%z", &parts);
    dprintf(fd, "%s supervisor: %s\n", stamp, text);
    close(fd);
}

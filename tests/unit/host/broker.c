/* Starts and ends a mosquitto; see broker.h. */
#include "broker.h"

#include "fakes/cmocka_all.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TRIES_MAX 2000
#define TRY_PAUSE_MS 5
#define ARGUMENTS_MAX 40

static int bind_any(int *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static bool does_answer(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    bool is_up = connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(fd);
    return is_up;
}

static void become(char *const *arguments, const char *output)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = open(output, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (fd >= 0) {
        dup2(fd, STDOUT_FILENO);
        dup2(fd, STDERR_FILENO);
    }
    execvp(arguments[0], arguments);
    _exit(127);
}

void broker_restart(struct broker *broker)
{
    char config[128];
    char log[128];
    char program[] = "mosquitto";
    char *arguments[] = { program, (char[]){ "-c" }, config, NULL };
    snprintf(config, sizeof(config), "%s/mosquitto.conf", broker->folder);
    snprintf(log, sizeof(log), "%s/log", broker->folder);

    broker->pid = fork();
    assert_true(broker->pid >= 0);
    if (broker->pid == 0)
        become(arguments, log);
    for (int i = 0; i < START_TRIES_MAX; i++) {
        assert_int_equal(waitpid(broker->pid, NULL, WNOHANG), 0); /* ended: see its log */
        if (does_answer(broker->port))
            return;
        poll(NULL, 0, TRY_PAUSE_MS); /* waits for another process: nothing to wait on */
    }
    fail_msg("mosquitto did not start");
}

void broker_folder_new(struct broker *broker)
{
    *broker = (struct broker){ .pid = 0 };
    snprintf(broker->folder, sizeof(broker->folder), "/tmp/lockstock-broker-XXXXXX");
    assert_non_null(mkdtemp(broker->folder));
}

void broker_start(struct broker *broker, const char *extra)
{
    char path[128];
    const char *search = getenv("PATH");
    char wider[4096];
    snprintf(wider, sizeof(wider), "%s:/usr/sbin", search ? search : "/usr/bin:/bin");
    setenv("PATH", wider, 1);
    if (broker->folder[0] == '\0')
        broker_folder_new(broker);
    int fd = bind_any(&broker->port);
    close(fd);
    const struct passwd *user = getpwuid(geteuid());
    snprintf(path, sizeof(path), "%s/mosquitto.conf", broker->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file,
            "listener %d 127.0.0.1\nset_tcp_nodelay true\nmessage_size_limit 262144\n"
            "max_queued_messages 100000\npersistence false\n%s%s\n%s",
            broker->port, user ? "user " : "", user ? user->pw_name : "", extra);
    fclose(file);
    broker_restart(broker);
}

void broker_signal(struct broker *broker, int number)
{
    assert_int_equal(kill(broker->pid, number), 0);
}

void broker_end(struct broker *broker, int number)
{
    broker_signal(broker, number);
    assert_int_equal(waitpid(broker->pid, NULL, 0), broker->pid);
    broker->pid = 0;
}

static void remove_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL)
        (void)unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(folder);
}

void broker_done(struct broker *broker)
{
    if (broker->pid != 0)
        broker_end(broker, SIGKILL);
    remove_folder(broker->folder);
}

void broker_publish(const struct broker *broker, const char *first, ...)
{
    char port[16];
    char log[128];
    const char *arguments[ARGUMENTS_MAX] = { "mosquitto_pub", "-V", "5", "-h", "127.0.0.1", "-p" };
    int count = 6;
    snprintf(port, sizeof(port), "%d", broker->port);
    snprintf(log, sizeof(log), "%s/pub.log", broker->folder);
    arguments[count++] = port;
    va_list rest;
    va_start(rest, first);
    for (const char *next = first; next != NULL; next = va_arg(rest, const char *)) {
        assert_true(count < ARGUMENTS_MAX - 1);
        arguments[count++] = next;
    }
    va_end(rest);

    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        become((char *const *)(uintptr_t)arguments, log);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

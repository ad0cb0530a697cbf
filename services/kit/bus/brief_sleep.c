/* Makes the sleeps of libpaho brief, by standing in front of usleep(), as nodelay.c does of
 * socket().
 *
 * Why: the receiving thread of paho.mqtt.c 1.3.12 polls for 1 s and, when nothing came, sleeps for
 * 100 ms in which it hears nothing: a tenth of the time of an idle client. Messages twice a second
 * kept it awake, and were most of what an idle system did. The sleep stays for when there is no
 * connection: there it is all that keeps that thread from turning without a rest; and paho counts
 * 100 sleeps for the end of a thread that may poll for a second, so it must not be much briefer.
 * When it can go: with a paho that does not sleep after it has polled. Any thread. */
#include <time.h>
#include <unistd.h>

#define SLEEP_US_MAX 25000

int usleep(useconds_t us)
{
    const struct timespec pause = { .tv_nsec = (us < SLEEP_US_MAX ? us : SLEEP_US_MAX) * 1000L };

    return nanosleep(&pause, NULL);
}

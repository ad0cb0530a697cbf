/* lockstock-rental: wiring only. The table is in service.c. */
#include "kit/process/main.h"
#include "rental/service.h"

static const struct kit_option SETTINGS[] = {
    { "cancel-timeout-ms", KIT_OPTION_INT, "610", 10, 60000,
      "how long a cancel waits for delivery's answer, in ms" },
    { "breaker-failures", KIT_OPTION_INT, "5", 1, 1000,
      "failed cancels in a row that open the circuit breaker to delivery" },
    { "breaker-open-ms", KIT_OPTION_INT, "2000", 10, 600000,
      "how long the breaker stays open before one cancel may probe, in ms" },
};

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "takes rental orders, whatever else is down, and cancels them with delivery",
        .examples = "lockstock-rental --db rental.db --mqtt-port 11883"
                    " --mqtt-password-file rental.password\n"
                    "lockstock-rental --db rental.db --mqtt-password-file p --print-config\n",
        .settings = SETTINGS,
        .setting_count = KIT_COUNT(SETTINGS),
    };
    return kit_service_main(argc, argv, &rental_service, &process);
}

/* lockstock-delivery: wiring only. The table is in service.c. */
#include "kit/process/main.h"

#include "delivery/service.h"

static const struct kit_option SETTINGS[] = {
    { "hold-ms", KIT_OPTION_INT, "172800000", 1000, 31536000000,
      "how long goods wait in a locker for their customer, in ms" },
    { "silent-ms", KIT_OPTION_INT, "90000", 40000, 86400000,
      "a locker that says nothing for so long counts as not connected, in ms" },
    { "oldest-protocol", KIT_OPTION_INT, "1", 1, 2,
      "lockers of an older protocol are not served: 2 ends those with firmware of 0.3 and before" },
};

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "turns orders into deliveries; serves the lockers, their doors and codes",
        .examples = "lockstock-delivery --db delivery.db --mqtt-port 11883"
                    " --mqtt-password-file delivery.password\n"
                    "lockstock-delivery --db delivery.db --mqtt-password-file p --print-config\n",
        .settings = SETTINGS,
        .setting_count = KIT_COUNT(SETTINGS),
    };
    return kit_service_main(argc, argv, &delivery_service, &process);
}

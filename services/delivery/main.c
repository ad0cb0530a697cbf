/* lockstock-delivery: wiring only. The table is in service.c. */
#include "kit/loop/main.h"

#include "delivery/service.h"

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "turns orders into deliveries, with the goods that stock sets aside",
        .examples = "lockstock-delivery --db delivery.db --mqtt-port 11883"
                    " --mqtt-password-file delivery.password\n"
                    "lockstock-delivery --db delivery.db --mqtt-password-file p --print-config\n",
    };
    return kit_service_main(argc, argv, &delivery_service, &process);
}

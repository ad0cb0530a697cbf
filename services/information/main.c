/* lockstock-information: wiring only. The table is in service.c. */
#include "kit/process/main.h"

#include "information/service.h"

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "shows customers their orders and tells pages what changed; its database can be"
                   " deleted and comes back",
        .examples = "lockstock-information --db information.db --mqtt-port 11883"
                    " --mqtt-password-file information.password\n"
                    "lockstock-information --db information.db --mqtt-password-file p"
                    " --print-config\n",
    };
    return kit_service_main(argc, argv, &information_service, &process);
}

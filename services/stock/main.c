/* The process lockstock-stock: wiring only. */
#include "kit/process/main.h"
#include "stock/service.h"

int main(int argc, char **argv)
{
    static const struct kit_process process = {
        .purpose = "keeps the quantities and the assets of the products; serves the scanners",
        .examples = "lockstock-stock --db stock.db --mqtt-port 11883"
                    " --mqtt-password-file stock.pw\n"
                    "lockstock-stock --print-config\n",
    };
    return kit_service_main(argc, argv, &stock_service, &process);
}

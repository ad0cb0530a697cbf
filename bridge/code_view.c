/* Modules by libqrencode, PNG by libpng; an SVG is text. Loop thread. */
#include "bridge/code_view.h"

#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "msg/http_pickup_code.gen.h"

#define MODULE_PIXELS 8
#define QUIET_MODULES 4 /* ISO/IEC 18004: nothing within four modules of the symbol */
#define PNG_BYTES_MAX 65536

static bool is_dark(const QRcode *qr, int x, int y)
{
    x -= QUIET_MODULES;
    y -= QUIET_MODULES;
    return x >= 0 && y >= 0 && x < qr->width && y < qr->width &&
           (qr->data[y * qr->width + x] & 1) != 0;
}

/* One path of unit squares: sharp at every size. */
static void add_svg(const QRcode *qr, const char *code, struct kit_buf *out)
{
    const int side = qr->width + 2 * QUIET_MODULES;

    kit_buf_add_format(out,
                       "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" "
                       "width=\"%d\" height=\"%d\" shape-rendering=\"crispEdges\">"
                       "<title>%s</title>"
                       "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
                       side, side, side * MODULE_PIXELS, side * MODULE_PIXELS, code, side, side);
    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
            if (is_dark(qr, x, y))
                kit_buf_add_format(out, "M%d %dh1v1h-1z", x, y);
        }
    }
    kit_buf_add_text(out, "\"/></svg>\n");
}

static int add_png(const QRcode *qr, struct kit_buf *out, struct kit_error *err)
{
    const int side = (qr->width + 2 * QUIET_MODULES) * MODULE_PIXELS;
    png_image image = { .version = PNG_IMAGE_VERSION,
                        .width = (png_uint_32)side,
                        .height = (png_uint_32)side,
                        .format = PNG_FORMAT_GRAY };
    png_alloc_size_t size_bytes = PNG_BYTES_MAX;
    uint8_t *pixels = malloc((size_t)side * (size_t)side + PNG_BYTES_MAX);
    CHECK(pixels != NULL);
    uint8_t *file = pixels + (size_t)side * (size_t)side;

    for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++)
            pixels[y * side + x] = is_dark(qr, x / MODULE_PIXELS, y / MODULE_PIXELS) ? 0 : 255;
    }
    const bool is_written = png_image_write_to_memory(&image, file, &size_bytes, 0, pixels, side,
                                                      NULL) != 0;
    if (is_written)
        kit_buf_add(out, file, size_bytes);
    free(pixels);
    if (!is_written)
        return kit_error_set(err, KIT_E_IO, "the image cannot be made: %s", image.message);
    return KIT_OK;
}

static int add_image(const struct exchange *exchange, const char *code, struct kit_buf *out,
                     struct kit_error *err)
{
    int rc = KIT_OK;
    QRcode *qr = QRcode_encodeString(code, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    CHECK(qr != NULL); /* eight digits always fit */
    if (exchange->format == FORMAT_SVG)
        add_svg(qr, code, out);
    else
        rc = add_png(qr, out, err);
    QRcode_free(qr);
    return rc;
}

int code_show(const struct exchange *exchange, const cJSON *answer, struct kit_buf *out,
              int64_t *ret_id, struct kit_error *err)
{
    struct msg_http_pickup_code code;

    (void)ret_id;
    int rc = msg_http_pickup_code_decode(answer, &code, err);
    if (rc != KIT_OK)
        return rc;
    if (exchange->format != FORMAT_HAL)
        return add_image(exchange, code.pickup_code.code, out, err);
    msg_http_pickup_code_encode(&code, out);
    return KIT_OK;
}

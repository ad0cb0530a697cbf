"""Certificates of a closed Lockstock, and such as should be worth nothing there."""

import pathlib
import ssl
import subprocess


def openssl(*words, **options):
    done = subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return done.stdout


class Pair:
    """A certificate, its key, and whom it trusts; context() for a client or a server that shows it."""

    def __init__(self, ca, certificate=None, key=None):
        self.ca, self.certificate, self.key = ca, certificate, key

    def context(self, is_server=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.ca)
        if is_server:
            context.verify_mode = ssl.CERT_REQUIRED
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


def pair_of(system, name):
    """What deploy/up has made for one of its own."""
    return Pair(system.dir / "ca/ca.crt", system.dir / f"tls/{name}.crt", system.dir / f"tls/{name}.key")


def device_pair(system, device):
    file = system.dir / "devices" / f"{device}.tls"
    return Pair(system.dir / "ca/ca.crt", file.with_suffix(".tls.crt"), file.with_suffix(".tls.key"))


def self_signed(folder, name, trusted, extra=()):
    """Made by whoever likes; trusted: the CA by which the other side is judged."""
    certificate, key = pathlib.Path(folder) / f"{name}.self.crt", pathlib.Path(folder) / f"{name}.self.key"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "/dev/null",
            "-subj", f"/CN={name}", "-days", 2, "-keyout", key, "-out", certificate, *extra)
    return Pair(trusted, certificate, key)


def signed(system, folder, name, usage, days=2, alternative=None, begin=None, end=None):
    """By the CA of the system, with whatever is wanted in it: begin, end as YYYYMMDDHHMMSSZ."""
    folder = pathlib.Path(folder)
    request, key, certificate = (folder / f"{name}.{suffix}" for suffix in ("request", "key", "crt"))
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "/dev/null",
            "-subj", f"/CN={name}", "-keyout", key, "-out", request)
    (folder / "index.txt").touch()
    (folder / "settings").write_text(
        f"[ca]\ndefault_ca = own\n[own]\ndatabase = {folder}/index.txt\nnew_certs_dir = {folder}\n"
        f"certificate = {system.dir}/ca/ca.crt\nprivate_key = {system.dir}/ca/ca.key\nrand_serial = yes\n"
        "default_md = sha256\npolicy = any\nunique_subject = no\n[any]\ncommonName = supplied\n")
    (folder / "extensions").write_text(f"basicConstraints=critical,CA:FALSE\nextendedKeyUsage={usage}\n" +
                                       (f"subjectAltName={alternative}\n" if alternative else ""))
    times = ("-startdate", begin, "-enddate", end) if begin else ("-days", days)
    openssl("ca", "-config", folder / "settings", "-batch", "-notext", "-in", request, "-out", certificate,
            "-extfile", folder / "extensions", *times)
    return Pair(system.dir / "ca/ca.crt", certificate, key)

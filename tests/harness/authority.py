"""A certificate authority of a test's own, by openssl: certificates that are right, and some that are not."""

import pathlib
import shutil
import ssl
import subprocess
import tempfile

NAMES = ("DNS:localhost", "IP:127.0.0.1")
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def openssl(*words):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)


class Authority:
    """Its files lie in a folder of its own until close()."""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="lockstock-ca-"))
        self.certificate = self.dir / "ca.crt"
        openssl("req", "-x509", *KEY, "-subj", "/CN=a test's authority", "-days", 9, "-keyout", self.dir / "ca.key",
                "-out", self.certificate, "-addext", "basicConstraints=critical,CA:TRUE")

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def issue(self, name, names=NAMES, days=8):
        """Makes <name>.crt and <name>.key; days=0: expired by now. Returns both paths."""
        certificate, key, extensions = (self.dir / f"{name}.{end}" for end in ("crt", "key", "ext"))
        extensions.write_text(f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n")
        openssl("req", *KEY, "-subj", f"/CN={name}", "-keyout", key, "-out", self.dir / "request")
        openssl("x509", "-req", "-in", self.dir / "request", "-CA", self.certificate, "-CAkey", self.dir / "ca.key",
                "-CAcreateserial", "-days", days, "-extfile", extensions, "-out", certificate)
        key.chmod(0o600)
        return certificate, key

    def replace(self, name, other):
        """Puts the pair of `other` in the places of `name`, each file at once; returns its certificate as a peer
        sees it (DER)."""
        for end in ("key", "crt"):
            shutil.copy2(self.dir / f"{other}.{end}", self.dir / "new")
            (self.dir / "new").rename(self.dir / f"{name}.{end}")
        return ssl.PEM_cert_to_DER_cert((self.dir / f"{name}.crt").read_text())

    def context(self):
        """What a client has who trusts this authority and nobody else."""
        return ssl.create_default_context(cafile=str(self.certificate))

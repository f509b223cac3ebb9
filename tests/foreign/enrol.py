# SPDX-License-Identifier: Apache-2.0
# Makes variables of OVMF with a certificate of one's own as the only key of Secure Boot:
#   enrol.py EMPTY_VARS.fd CERTIFICATE.der OUTPUT.fd
#
# PK (the platform's key) switches Secure Boot on, KEK would sign updates of db, and what db has may be booted (UEFI
# 2.10, section 32.3). The layout of the variable store is EDK II's (MdeModulePkg/Include/Guid/VariableFormat.h).
import struct
import sys
import uuid

GLOBAL = uuid.UUID("8be4df61-93ca-11d2-aa0d-00e098032b8c").bytes_le
SECURITY_DATABASE = uuid.UUID("d719b2cb-3d3a-4596-a3bc-dad00e67656f").bytes_le
X509 = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072").bytes_le
OWNER = uuid.UUID("5aa8b9a7-3f0b-4a7e-9c55-0c9d4f7e2d11").bytes_le
STORE = uuid.UUID("aaf32c78-947b-439a-a180-2e144ec37792").bytes_le
# Non-volatile, boot services, runtime, time-based authenticated.
ATTRIBUTES = 0x27
ADDED = 0x3F


def signature_list(certificate):
    size = 16 + len(certificate)
    return X509 + struct.pack("<III", 28 + size, 0, size) + OWNER + certificate


def variable(name, vendor, data):
    text = (name + "\0").encode("utf-16le")
    time = struct.pack("<HBBBBBBIhBB", 2020, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    header = struct.pack("<HBBIQ", 0x55AA, ADDED, 0, ATTRIBUTES, 0) + time
    record = header + struct.pack("<III", 0, len(text), len(data)) + vendor + text + data
    return record + b"\xff" * (-len(record) % 4)


empty, certificate_file, output = sys.argv[1:]
with open(empty, "rb") as file:
    variables = bytearray(file.read())
with open(certificate_file, "rb") as file:
    signatures = signature_list(file.read())
(store,) = struct.unpack_from("<H", variables, 0x30)  # behind the firmware volume's header
first = store + 28
if variables[store : store + 16] != STORE or variables[first : first + 2] != b"\xff\xff":
    sys.exit(f"{empty}: it is not an empty store of authenticated variables")
added = b"".join(
    variable(name, vendor, signatures)
    for name, vendor in (("PK", GLOBAL), ("KEK", GLOBAL), ("db", SECURITY_DATABASE))
)
variables[first : first + len(added)] = added
with open(output, "wb") as file:
    file.write(variables)

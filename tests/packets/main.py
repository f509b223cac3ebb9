#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""main.py INTERFACE GROUP [CASE]: sends a running stream.elf at 10.0.0.2 and fd00::2 what no kernel sends.

Prints a line for each case; its exit status says whether all passed.
"""
import sys

import ip_cases
import loss_cases
import nd_cases
import tcp_cases
from peer import Failure, Peer

GROUPS = {"tcp": tcp_cases.CASES, "loss": loss_cases.CASES, "ip": ip_cases.CASES, "nd": nd_cases.CASES}


def main():
    interface, group = sys.argv[1:3]
    wanted = sys.argv[3:]
    peer = Peer(interface)
    failures = 0
    for case in GROUPS[group]:
        if wanted and case.__name__ not in wanted:
            continue
        try:
            case(peer)
            peer.is_alive()
            print(f"ok {case.__name__}")
        except Failure as failure:
            failures += 1
            print(f"not ok {case.__name__}: {failure}")
        sys.stdout.flush()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

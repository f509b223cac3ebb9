# SPDX-License-Identifier: Apache-2.0
# How fast pages are found to be zero.
row "zero scan of resident memory, per core" "$("$hv" run --accel pv --memory 2G "$images/load.elf" -- scan 512)" \
    GiB/s 8 more

# SPDX-License-Identifier: Apache-2.0
# The same image on hv's pv and under full emulation.
pv=$(command_ms "$hv run --accel pv $images/hello.elf")
emulator="qemu-system-x86_64 -M microvm,acpi=off -accel tcg -cpu max -m 64M -nodefaults -no-user-config -nographic"
emulated=$(runs=10 command_ms "$emulator -no-reboot -kernel $images/hello.elf -serial file:/dev/null")
row "hello under QEMU TCG microvm, exec to exit" "$emulated" ms
row "  pv is faster by the factor" "$(awk -v a="$emulated" -v b="$pv" 'BEGIN { printf "%.0f", a / b }')" ""

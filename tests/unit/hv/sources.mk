# SPDX-License-Identifier: Apache-2.0
# The sources that the tests of hv test.
unit_sources += $(wildcard hv/core/*.cpp hv/devices/*.cpp hv/devices/blk/*.cpp hv/api/*.cpp) \
	$(addprefix hv/devices/slirp/,vnet_header.cpp internet.cpp host_address.cpp frame_filter.cpp reassembly.cpp socket_quota.cpp \
		memory_watch.cpp datagram_relay.cpp tcp_segment.cpp) \
	hv/machine/boot_report.cpp hv/machine/command_line.cpp hv/machine/config.cpp hv/machine/guest_address.cpp hv/machine/image_checks.cpp \
	hv/machine/lifecycle_config.cpp hv/machine/tenon_config.cpp hv/machine/user_network_config.cpp hv/machine/crash_printer.cpp hv/machine/firecracker_config.cpp hv/machine/drives_config.cpp hv/machine/network_config.cpp \
	hv/machine/run_base.cpp hv/machine/run_directory.cpp hv/machine/run_lock.cpp hv/machine/machine_life.cpp \
	hv/cli/values.cpp hv/cli/net_option.cpp hv/cli/disk_option.cpp hv/cli/run_options.cpp hv/cli/memory_options.cpp hv/cli/command.cpp \
	hv/machine/memory_policy.cpp hv/machine/memory_cgroup.cpp hv/machine/interrupts.cpp $(wildcard hv/balance/*.cpp hv/watchdog/*.cpp hv/postmortem/*.cpp) hv/cli/table.cpp \
	hv/supervise/restart_policy.cpp hv/supervise/bounded_log.cpp hv/supervise/machine_record.cpp \
	hv/supervise/event_log.cpp hv/supervise/shared_log.cpp hv/supervise/console_hub.cpp hv/supervise/outcome.cpp \
	hv/supervise/guest_facts.cpp hv/supervise/supervisor_requests.cpp hv/cli/info_text.cpp hv/cli/machine_client.cpp \
	hv/cli/machine_filter.cpp hv/cli/published_ports.cpp hv/cli/metrics_text.cpp hv/cli/times.cpp \
	hv/cli/event_text.cpp hv/supervise/console_log.cpp
# The shared liburing of Debian 12 lacks the functions that restrict a ring.
unit_libraries += -lhttp_parser -l:liburing.a
# Images, hypercalls, and the parts of pv that need no guest. hv's filter comes from the build.
unit_sources += $(wildcard hv/image/*.cpp hv/guest/*.cpp) \
	hv/accel/pv/vcpu_events.cpp hv/accel/pv/hypercall_transport.cpp hv/accel/pv/guest_map.cpp $(confine_generator).gen.cpp
unit_libraries += -lmd
# Of libstdc++ as in hv: the shared one hides the demangler's callback.
unit_libraries += -static-libstdc++

# SPDX-License-Identifier: Apache-2.0
# The sources that the tests of hv test.
unit_sources += $(wildcard hv/core/*.cpp hv/devices/*.cpp hv/devices/blk/*.cpp hv/api/*.cpp \
	hv/balance/*.cpp hv/watchdog/*.cpp hv/postmortem/*.cpp)
unit_sources += $(addprefix hv/devices/slirp/,datagram_relay.cpp frame_filter.cpp host_address.cpp internet.cpp \
	memory_watch.cpp reassembly.cpp socket_quota.cpp tcp_segment.cpp vnet_header.cpp)
unit_sources += $(addprefix hv/machine/,boot_report.cpp command_line.cpp config.cpp crash_printer.cpp \
	cpu_config.cpp cpu_policy.cpp cpu_reservation.cpp drives_config.cpp firecracker_config.cpp guest_address.cpp \
	image_checks.cpp interrupts.cpp lifecycle_config.cpp \
	machine_life.cpp machine_cgroup.cpp memory_policy.cpp network_config.cpp rate_limits_config.cpp run_base.cpp \
	run_directory.cpp run_lock.cpp tenon_config.cpp user_network_config.cpp)
unit_sources += $(addprefix hv/cli/,command.cpp cpu_option.cpp disk_option.cpp event_text.cpp info_text.cpp \
	machine_client.cpp machine_filter.cpp memory_options.cpp metrics_text.cpp limit_option.cpp net_option.cpp \
	published_ports.cpp \
	rate_values.cpp run_options.cpp table.cpp times.cpp values.cpp)
unit_sources += $(addprefix hv/supervise/,bounded_log.cpp console_hub.cpp console_log.cpp event_log.cpp \
	guest_facts.cpp machine_record.cpp outcome.cpp restart_policy.cpp shared_log.cpp supervisor_requests.cpp)
# The shared liburing of Debian 12 lacks the functions that restrict a ring.
unit_libraries += -lhttp_parser -l:liburing.a
# Images, hypercalls, and the parts of pv that need no guest. hv's filter comes from the build.
unit_sources += $(wildcard hv/image/*.cpp hv/guest/*.cpp) \
	hv/accel/pv/vcpu_events.cpp hv/accel/pv/hypercall_transport.cpp hv/accel/pv/guest_map.cpp \
	hv/accel/pv/vcpu_threads.cpp $(confine_generator).gen.cpp
unit_libraries += -lmd
# Of libstdc++ as in hv: the shared one hides the demangler's callback.
unit_libraries += -static-libstdc++

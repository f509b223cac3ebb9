// SPDX-License-Identifier: Apache-2.0
// The commands, one function each. Arguments have been checked against the command's parameters.
#pragma once

#include "tools-agent/command.h"

namespace tenon::tools {

// protocol.cpp
Reply sync(Context&, const Json& arguments);
Reply ping(Context&, const Json&);
Reply info(Context&, const Json&);
// machine.cpp
Reply get_time(Context&, const Json&);
Reply set_time(Context&, const Json& arguments);
Reply get_clock(Context&, const Json&);
Reply shut_down(Context&, const Json& arguments);
Reply get_host_name(Context&, const Json&);
Reply get_os_information(Context&, const Json&);
Reply get_time_zone(Context&, const Json&);
Reply get_users(Context&, const Json&);
Reply get_versions(Context&, const Json&);
// network.cpp
Reply get_interfaces(Context&, const Json&);
Reply get_routes(Context&, const Json&);
Reply get_interface_rates(Context&, const Json&);
// processors.cpp
Reply get_vcpus(Context&, const Json&);
Reply set_vcpus(Context&, const Json& arguments);
Reply get_processor_statistics(Context&, const Json&);
Reply get_load(Context&, const Json&);
Reply get_threads(Context&, const Json&);
// memory.cpp
Reply get_memory_blocks(Context&, const Json&);
Reply get_memory_block_size(Context&, const Json&);
Reply get_memory(Context&, const Json&);
// storage.cpp
Reply get_file_systems(Context&, const Json&);
Reply get_disks(Context&, const Json&);
Reply get_disk_statistics(Context&, const Json&);
// freezing.cpp
Reply freeze_status(Context&, const Json&);
Reply freeze(Context&, const Json&);
Reply thaw(Context&, const Json&);
Reply get_freeze(Context&, const Json&);

}  // namespace tenon::tools

// SPDX-License-Identifier: Apache-2.0
// hv's commands.
#pragma once

#include <cstdint>

#include "hv/cli/command.h"

namespace hv {

/// Each adds a command's options, and returns what it does.
CommandAction add_run(Command& run, std::uint64_t start_tsc);
CommandAction add_agent(Command& agent, std::uint64_t start_tsc);
CommandAction add_ps(Command& ps, std::uint64_t start_tsc);
CommandAction add_start(Command& start, std::uint64_t start_tsc);
CommandAction add_prune(Command& prune, std::uint64_t start_tsc);
CommandAction add_stop(Command& stop, std::uint64_t start_tsc);
CommandAction add_kill(Command& kill, std::uint64_t start_tsc);
CommandAction add_pause(Command& pause, std::uint64_t start_tsc);
CommandAction add_resume(Command& resume, std::uint64_t start_tsc);
CommandAction add_reboot(Command& reboot, std::uint64_t start_tsc);
CommandAction add_wait(Command& wait, std::uint64_t start_tsc);
CommandAction add_rm(Command& rm, std::uint64_t start_tsc);
CommandAction add_logs(Command& logs, std::uint64_t start_tsc);
CommandAction add_console(Command& console, std::uint64_t start_tsc);
CommandAction add_events(Command& events, std::uint64_t start_tsc);
CommandAction add_metrics(Command& metrics, std::uint64_t start_tsc);
CommandAction add_top(Command& top, std::uint64_t start_tsc);
CommandAction add_info(Command& info, std::uint64_t start_tsc);
CommandAction add_help(Command& help, std::uint64_t start_tsc);
CommandAction add_completion(Command& completion, std::uint64_t start_tsc);
CommandAction add_man(Command& man, std::uint64_t start_tsc);
CommandAction add_balance(Command& balance, std::uint64_t start_tsc);
CommandAction add_set(Command& set, std::uint64_t start_tsc);
CommandAction add_stat(Command& stat, std::uint64_t start_tsc);
CommandAction add_memory(Command& memory, std::uint64_t start_tsc);
CommandAction add_balloon(Command& balloon, std::uint64_t start_tsc);
CommandAction add_reclaim(Command& reclaim, std::uint64_t start_tsc);

}  // namespace hv

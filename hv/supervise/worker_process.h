// SPDX-License-Identifier: Apache-2.0
// The hv of a supervised machine: a child of its supervisor, which hears its notices, and maybe its console, through
// pipes.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <memory>

#include "hv/core/error.h"
#include "hv/core/file_descriptor.h"
#include "hv/machine/config.h"
#include "hv/machine/machine.h"
#include "hv/machine/run_directory.h"

namespace hv {

/// Ends with this process, however that ends. Made from the thread that lives as long as the process.
class WorkerProcess {
public:
    struct Options {
        bool piped;             ///< its standard streams are pipes; otherwise this process's own
        bool preserve_crashed;  ///< see machine.h
        sigset_t signals;       ///< its mask
        const MachineServices& services;
    };
    /// `directory` is locked by this process, and by the worker too.
    static Result<std::unique_ptr<WorkerProcess>> start(const MachineConfig& config, const RunDirectory& directory,
                                                        const Options& options);
    /// Kills it, and waits.
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    /// Non-blocking. -1 where its streams are not piped, but for the notices.
    [[nodiscard]] int console_output() const { return output_.get(); }  ///< the guest's console
    [[nodiscard]] int messages() const { return messages_.get(); }      ///< hv's own, its standard error
    [[nodiscard]] int console_input() const { return input_.get(); }    ///< to the guest's console
    [[nodiscard]] int notices() const { return notices_.get(); }        ///< machine/notice.h
    [[nodiscard]] int death() const { return pidfd_.get(); }            ///< readable when it is over

    void kill() const;
    /// Waits for its end. Its exit code, or that of ErrorKind for the signal that ended it.
    struct End {
        int exit_code;
        int signal;  ///< 0 = it ended by itself
    };
    End reap();

private:
    WorkerProcess() = default;
    pid_t pid_ = -1;
    FileDescriptor pidfd_, output_, messages_, input_, notices_;
    bool reaped_ = false;
    End end_{};
};

}  // namespace hv

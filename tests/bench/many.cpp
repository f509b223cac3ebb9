// SPDX-License-Identifier: Apache-2.0
// Starts a program many times at once and waits for all: many COUNT PROGRAM [ARGUMENT...]. Prints how many were started
// and ended per second and processor. Their standard input and output are /dev/null.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const int count = argc > 2 ? std::atoi(argv[1]) : 0;
    if (count <= 0) return 2;
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i != count; ++i) {
        pid_t child = 0;
        if (posix_spawn(&child, argv[2], &files, nullptr, argv + 2, environ) != 0) return 1;
    }
    int failures = 0;
    for (int i = 0; i != count; ++i) {
        int status = 0;
        if (wait(&status) < 0 || status != 0) ++failures;
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
    if (failures != 0) {
        std::fprintf(stderr, "many: %d of %d failed\n", failures, count);
        return 1;
    }
    std::printf("%.0f\n", count / time.count() / static_cast<double>(sysconf(_SC_NPROCESSORS_ONLN)));
    return 0;
}

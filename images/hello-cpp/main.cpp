// SPDX-License-Identifier: Apache-2.0
// C++ in a Tenon image: streams, a thread, an exception that crosses it.
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

int main(int argc, char** argv) {
    const std::string who = argc > 1 ? argv[1] : "Tenon";
    std::exception_ptr trouble;
    std::thread worker([&] {
        try {
            if (who.empty()) throw std::invalid_argument("nobody to greet");
            std::cout << "Hello from C++, " << who << std::endl;
        } catch (...) {
            trouble = std::current_exception();
        }
    });
    worker.join();
    try {
        if (trouble) std::rethrow_exception(trouble);
    } catch (const std::exception& error) {
        std::cerr << "hello-cpp: " << error.what() << '\n';
        return 1;
    }
}

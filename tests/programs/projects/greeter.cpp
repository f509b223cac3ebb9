// SPDX-License-Identifier: Apache-2.0
// Greets from another thread, with a word from a library.
#include <iostream>
#include <thread>

extern "C" const char* word();

int main(int, char** words) {
    std::thread([&] { std::cout << word() << " " << words[1] << "\n"; }).join();
}

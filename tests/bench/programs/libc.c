// SPDX-License-Identifier: Apache-2.0
// Small loads on the C library: libc NAME runs one; without a name the names are printed.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile double kept;
static volatile size_t kept_size;
static char text[1 << 16];

static void load_pow(void) {
    for (int i = 1; i <= 4000000; ++i) kept = pow(i * 1e-3, 1.5);
}
static void load_exp(void) {
    for (int i = 1; i <= 8000000; ++i) kept = exp(i * -1e-6);
}
static void load_log(void) {
    for (int i = 1; i <= 8000000; ++i) kept = log(i);
}
static void load_sinf(void) {
    for (int i = 1; i <= 8000000; ++i) kept = sinf((float)i * 1e-3f);
}
static void load_strlen(void) {
    for (int i = 0; i < 40000; ++i) kept_size = strlen(text);
}
static void load_memchr(void) {
    for (int i = 0; i < 40000; ++i) kept_size = (size_t)memchr(text, 'z', sizeof text);
}
static void load_strchr(void) {
    for (int i = 0; i < 20000; ++i) kept_size = (size_t)strchr(text, 'z');
}
static void load_strstr(void) {
    for (int i = 0; i < 4000; ++i) kept_size = (size_t)strstr(text, "needle");
}
static void load_memcmp(void) {
    static char other[sizeof text];
    memcpy(other, text, sizeof text);
    for (int i = 0; i < 40000; ++i) kept_size = (size_t)memcmp(text, other, sizeof text);
}
static void load_strcmp(void) {
    static char other[sizeof text];
    memcpy(other, text, sizeof text);
    for (int i = 0; i < 20000; ++i) kept_size = (size_t)strcmp(text, other);
}
static void load_printf(void) {
    char line[64];
    for (int i = 0; i < 1000000; ++i) kept_size = (size_t)snprintf(line, sizeof line, "%.17g", i / 7.0);
}
static void load_malloc(void) {
    static void* held[1024];
    unsigned seed = 1;
    for (int i = 0; i < 8000000; ++i) {
        seed = seed * 1103515245u + 12345u;
        void** place = &held[seed >> 22];
        free(*place);
        *place = malloc(16 + (seed >> 8) % 1000);
    }
}
static void load_realloc(void) {
    for (int run = 0; run < 10; ++run) {
        char* grown = NULL;
        for (size_t size = 4096; size <= 32u << 20; size += 65536) {
            grown = realloc(grown, size);
            grown[size - 1] = 1;
        }
        free(grown);
    }
}
static void load_fwrite(void) {
    FILE* file = fopen("/tmp/libc-load", "w");
    if (file == NULL) exit(1);
    for (int i = 0; i < 20000; ++i) {
        if (i % 100 == 0) rewind(file);
        if (fwrite(text, 1, sizeof text, file) != sizeof text) exit(1);
    }
    fclose(file);
    remove("/tmp/libc-load");
}
static void load_putc(void) {
    FILE* file = fopen("/tmp/libc-load", "w");
    if (file == NULL) exit(1);
    for (int i = 0; i < 20000000; ++i) putc('x', file);
    fclose(file);
    remove("/tmp/libc-load");
}

static const struct {
    const char* name;
    void (*run)(void);
} loads[] = {{"pow", load_pow},         {"exp", load_exp},       {"log", load_log},       {"sinf", load_sinf},
             {"strlen", load_strlen},   {"memchr", load_memchr}, {"strchr", load_strchr}, {"strstr", load_strstr},
             {"memcmp", load_memcmp},   {"strcmp", load_strcmp}, {"printf", load_printf}, {"malloc", load_malloc},
             {"realloc", load_realloc}, {"fwrite", load_fwrite}, {"putc", load_putc}};

int main(int count, char** words) {
    memset(text, 'x', sizeof text - 1);
    for (size_t i = 0; i < sizeof text - 1; i += 9) text[i] = "need"[i / 9 % 4];
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; ++i) {
        if (count < 2)
            puts(loads[i].name);
        else if (strcmp(words[1], loads[i].name) == 0)
            loads[i].run();
    }
    return 0;
}

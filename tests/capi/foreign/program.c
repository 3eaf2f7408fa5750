// program ACTION...: runs the actions in order, and prints what naio answers.
//
//     load PATH     loads a library, as a plugin is loaded
//     deep PATH     loads a library that looks for names in itself first
//     copies PATH   loads 70 copies of a library
//     init          nng_init, twice
//     alloc         nng_aio_alloc
//     use           calls uses_naio of the library that was loaded last, or else of one that was linked
//     listen        calls NNG's nng_listen
//     users         calls uses_naio and uses_sockets of the libraries that were linked
//     log           sets a logger that prints to stdout
#define _GNU_SOURCE
#include <dlfcn.h>
#include <nng/nng.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#if !defined(RTLD_DEEPBIND)
#define RTLD_DEEPBIND 0
#endif

#if defined(WITH_SOCKETS)
int nng_listen(void);
#endif
#if defined(WITH_USERS)
int uses_sockets(void);
int uses_naio(void);
#endif

#if defined(WITH_NAIO)
static void print(nng_log_level level, nng_log_facility facility, const char* id, const char* text) {
    (void)facility;
    printf("logged at %d: %s: %s\n", (int)level, id, text);
}
#endif

// Loads a copy of the library. The loader takes a file of its own for a library of its own.
static void load_copy(const char* path, int number) {
    char name[1024], bytes[4096];
    snprintf(name, sizeof(name), "%s.%d", path, number);
    FILE* const from = fopen(path, "rb");
    FILE* const to = fopen(name, "wb");
    if (from == NULL || to == NULL) return;
    for (size_t size = 0; (size = fread(bytes, 1, sizeof(bytes), from)) != 0;) fwrite(bytes, 1, size, to);
    fclose(from);
    fclose(to);
    if (dlopen(name, RTLD_LAZY | RTLD_LOCAL) == NULL) printf("%s\n", dlerror());
    remove(name);
}

int main(int argc, char** argv) {
    void* plugin = NULL;
    for (int i = 1; i < argc; ++i) {
        const bool deep = strcmp(argv[i], "deep") == 0;
        if (deep || strcmp(argv[i], "load") == 0) {
            plugin = dlopen(argv[++i], RTLD_LAZY | RTLD_LOCAL | (deep ? RTLD_DEEPBIND : 0));
            if (plugin == NULL) printf("%s\n", dlerror());
        } else if (strcmp(argv[i], "copies") == 0) {
            ++i;
            for (int number = 0; number < 70; ++number) load_copy(argv[i], number);
        } else if (strcmp(argv[i], "use") == 0) {
            int (*use)(void) = NULL;
            *(void**)&use = dlsym(plugin, "uses_naio");
            if (use != NULL) use();
        }
#if defined(WITH_NAIO)
        if (strcmp(argv[i], "log") == 0) nng_log_set_logger(print);
        if (strcmp(argv[i], "alloc") == 0) {
            nng_aio* aio = NULL;
            printf("nng_aio_alloc: %s\n", nng_strerror(nng_aio_alloc(&aio, NULL, NULL)));
            nng_aio_free(aio);
        }
        if (strcmp(argv[i], "init") == 0) {
            printf("nng_init: %s\n", nng_strerror(nng_init(NULL)));
            printf("again: %s\n", nng_strerror(nng_init(NULL)));
        }
#endif
#if defined(WITH_SOCKETS)
        if (strcmp(argv[i], "listen") == 0) printf("NNG called %s\n", nng_listen() == 0 ? "itself" : "another library");
#endif
#if defined(WITH_USERS)
        if (strcmp(argv[i], "users") == 0) {
            uses_naio();
            printf("NNG called %s\n", uses_sockets() == 0 ? "itself" : "another library");
        }
#endif
    }
    fflush(stdout);
    return 0;
}

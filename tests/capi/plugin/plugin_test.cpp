// Tests the library in a process that loads and unloads it, alone and as a part of plugins.
//
// This program is not linked with the library.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

namespace {

bool is_mapped(const std::string& path) {
    const std::string name = path.substr(path.rfind('/') + 1);
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);)
        if (line.find(name) != std::string::npos) return true;
    return false;
}

// A library or plugin that stays loaded until close() or the end of the scope.
class Loaded {
  public:
    explicit Loaded(const char* path) : path_(path), handle_(dlopen(path, RTLD_NOW | RTLD_LOCAL)) {
        EXPECT_NE(handle_, nullptr) << dlerror();
    }
    ~Loaded() { close(); }
    Loaded(const Loaded&) = delete;
    Loaded& operator=(const Loaded&) = delete;

    template <class Function>
    Function* find(const char* name) {
        auto* const found = reinterpret_cast<Function*>(dlsym(handle_, name));
        EXPECT_NE(found, nullptr) << dlerror();
        return found;
    }
    void close() {
        if (handle_ != nullptr) {
            EXPECT_EQ(dlclose(handle_), 0);
        }
        handle_ = nullptr;
    }
    [[nodiscard]] bool is_mapped() const { return ::is_mapped(path_); }

  private:
    const char* path_;
    void* handle_;
};

// The functions that the tests need. The pointers are valid as long as the library is mapped.
struct Library {
    explicit Library(Loaded& from)
        : init(from.find<decltype(nng_init)>("nng_init")),
          fini(from.find<decltype(nng_fini)>("nng_fini")),
          alloc(from.find<decltype(nng_aio_alloc)>("nng_aio_alloc")),
          free(from.find<decltype(nng_aio_free)>("nng_aio_free")),
          sleep(from.find<decltype(nng_sleep_aio)>("nng_sleep_aio")) {}

    decltype(&nng_init) init;
    decltype(&nng_fini) fini;
    decltype(&nng_aio_alloc) alloc;
    decltype(&nng_aio_free) free;
    decltype(&nng_sleep_aio) sleep;
};

TEST(SharedLibrary, IsUnloadedWhenItWasNotUsed) {
    Loaded loaded(NAIO_SHARED);
    EXPECT_TRUE(loaded.is_mapped());
    loaded.close();
    EXPECT_FALSE(loaded.is_mapped());
}

TEST(SharedLibrary, IsUnloadedAfterTheLastFini) {
    Loaded loaded(NAIO_SHARED);
    const Library library(loaded);
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(library.init(nullptr), NNG_OK);
        ASSERT_EQ(library.init(nullptr), NNG_OK);
        library.fini();
        library.fini();
        library.fini();  // a fini without an init does nothing
    }
    loaded.close();
    EXPECT_FALSE(loaded.is_mapped());
}

TEST(SharedLibrary, IsUnloadedAfterAnInitThatFailed) {
    Loaded loaded(NAIO_SHARED);
    const Library library(loaded);
    nng_init_params one_function{};
    one_function.malloc_fn = [](std::size_t) -> void* { return nullptr; };
    EXPECT_EQ(library.init(&one_function), NNG_EINVAL);
    loaded.close();
    EXPECT_FALSE(loaded.is_mapped());
}

// After the program has closed the library, the library's threads run on. nng_fini returns to the program, although it
// unloads the library.
TEST(SharedLibrary, StaysMappedUntilTheLastFini) {
    Loaded loaded(NAIO_SHARED);
    const Library library(loaded);
    struct Repeated {
        const Library& library;
        nng_aio* aio = nullptr;
        std::atomic<int> times{0};
        static void again(void* self) {
            auto& repeated = *static_cast<Repeated*>(self);
            ++repeated.times;
            repeated.library.sleep(1, repeated.aio);
        }
    } repeated{library};
    ASSERT_EQ(library.alloc(&repeated.aio, Repeated::again, &repeated), NNG_OK);  // initialises the library
    library.sleep(1, repeated.aio);
    loaded.close();
    EXPECT_TRUE(loaded.is_mapped());
    const int before = repeated.times;
    while (repeated.times < before + 10) std::this_thread::yield();
    library.free(repeated.aio);
    library.fini();
    EXPECT_FALSE(loaded.is_mapped());
}

TEST(SharedLibrary, CanBeLoadedAgain) {
    for (int i = 0; i < 3; ++i) {
        Loaded loaded(NAIO_SHARED);
        const Library library(loaded);
        ASSERT_EQ(library.init(nullptr), NNG_OK);
        loaded.close();
        library.fini();
        EXPECT_FALSE(loaded.is_mapped());
    }
}

// The loader holds its lock while it runs a plugin's destructor, which calls nng_fini. An nng_init that waits for that
// lock does not block this nng_fini.
TEST(SharedLibrary, InitsMeetFinisOfDestructors) {
    Loaded loaded(NAIO_SHARED);
    const Library library(loaded);
    std::atomic<bool> enough{false};
    std::thread other([&] {
        while (!enough) {
            EXPECT_EQ(library.init(nullptr), NNG_OK);
            library.fini();
        }
    });
    for (int i = 0; i < 30; ++i) {
        Loaded plugin(NAIO_PLUGIN_SHARED);
        EXPECT_EQ(plugin.find<int()>("plugin_start")(), 0);
    }
    enough = true;
    other.join();
}

TEST(PluginWithTheSharedLibrary, UnloadsBoth) {
    Loaded plugin(NAIO_PLUGIN_SHARED);
    ASSERT_EQ(plugin.find<int()>("plugin_start")(), 0);
    EXPECT_TRUE(is_mapped(NAIO_SHARED));
    plugin.close();
    EXPECT_FALSE(plugin.is_mapped());
    EXPECT_FALSE(is_mapped(NAIO_SHARED));
}

TEST(PluginWithTheStaticLibrary, IsUnloadedAndEndsTheLibrary) {
    Loaded plugin(NAIO_PLUGIN_STATIC);
    ASSERT_EQ(plugin.find<int()>("plugin_start")(), 0);
    plugin.close();
    EXPECT_FALSE(plugin.is_mapped());
}

}  // namespace

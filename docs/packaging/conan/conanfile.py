"""naio for Conan 2. Builds the tree that this file is in; a recipe in a registry has source() with get() instead of
export_sources()."""

import os
import re

from conan import ConanFile
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

ROOT = os.path.normpath(os.path.join("..", "..", ".."))


class Naio(ConanFile):
    name = "naio"
    description = "Asynchronous I/O handles with safe cancellation: NNG 2's nng_aio as a separate library"
    license = "MIT"
    topics = ("asynchronous", "cancellation", "libuv", "nng")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False]}
    default_options = {"shared": False}

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, ROOT, "include", "naio", "version.h"))
        self.version = ".".join(re.findall(r"#define NAIO_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        root = os.path.join(self.recipe_folder, ROOT)
        for pattern in ("CMakeLists.txt", "LICENSE", "README.md", "include/*", "src/*", "docs/*", "examples/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("libuv/[>=1.44 <2]")

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["NAIO_INSTALL"] = True
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        rmdir(self, os.path.join(self.package_folder, "share"))
        rmdir(self, os.path.join(self.package_folder, "lib", "cmake"))
        rmdir(self, os.path.join(self.package_folder, "lib", "pkgconfig"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "naio")
        self.cpp_info.set_property("cmake_target_name", "naio::naio")
        self.cpp_info.set_property("pkg_config_name", "naio")
        self.cpp_info.includedirs = ["include/naio"]
        self.cpp_info.libs = ["naio"]
        if not self.options.shared:
            self.cpp_info.system_libs = ["pthread", "dl", "stdc++"]

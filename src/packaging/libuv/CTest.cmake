# libuv includes CTest, which would add a dozen targets and the option BUILD_TESTING to whoever builds
# it in. It finds this instead, which does nothing.

// Benchmarks of single functions. Options: those of Google Benchmark, such as --benchmark_filter=REGEX.
#include "library.h"

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
    require(nng_init(nullptr) == NNG_OK, "nng_init");
    benchmark::RunSpecifiedBenchmarks();
    nng_fini();
}

// Measures naio beside Asio in one process:
//
//     bench_beside [ROUNDS [NAME]]
//
// Each round measures every row whose name begins with NAME once with naio and once with Asio, one after the other.
// The program prints the medians, in nanoseconds for one event, and the median of the ratios naio / Asio.
#include <nng/nng.h>

#include <algorithm>

#include "rows.h"

namespace {

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

struct Measured {
    std::vector<double> naio, asio, ratio;
};

void measure(const Row& row, bool naio_first, Measured& to) {
    double naio = 0, asio = 0;
    if (naio_first) naio = row.naio(row.size, row.events);
    asio = row.asio(row.size, row.events);
    if (!naio_first) naio = row.naio(row.size, row.events);
    to.naio.push_back(naio);
    to.asio.push_back(asio);
    to.ratio.push_back(naio / asio);
}

}  // namespace

int main(int argc, char** argv) {
    const int rounds = argc > 1 ? std::atoi(argv[1]) : 5;
    const std::string prefix = argc > 2 ? argv[2] : "";
    std::vector<Row> rows;
    for (const auto& some : {group_rows(), emit_rows(), await_rows()})
        for (const Row& row : some)
            if (row.name.rfind(prefix, 0) == 0) rows.push_back(row);
    require(nng_init(nullptr) == NNG_OK, "nng_init");
    std::vector<Measured> measured(rows.size());
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < rows.size(); ++i) measure(rows[i], round % 2 == 0, measured[i]);
    nng_fini();
    std::printf("%-44s %12s %12s %8s\n", "", "naio ns", "Asio ns", "ratio");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string name = rows[i].name + ", " + std::to_string(rows[i].size);
        std::printf("%-44s %12.1f %12.1f %8.2f\n", name.c_str(), median(measured[i].naio), median(measured[i].asio),
                    median(measured[i].ratio));
    }
    return 0;
}

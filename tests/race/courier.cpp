#include "courier.h"

#include <utility>

#include "provider.h"

namespace race {

Courier::~Courier() {
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        closing_ = true;
        posted_.notify_one();
    }
    thread_.join();
}

void Courier::post(const Letter& letter) {
    const std::lock_guard<std::mutex> lock(mutex_);
    letters_.push_back(letter);
    if (letters_.size() == 1) posted_.notify_one();
}

std::vector<Courier::Letter> Courier::collect() {
    std::unique_lock<std::mutex> lock(mutex_);
    posted_.wait(lock, [this] { return closing_ || !letters_.empty(); });
    return std::exchange(letters_, {});
}

void Courier::deliver() {
    for (auto letters = collect(); !letters.empty(); letters = collect()) {
        for (const Letter& letter : letters) {
            const auto& [provider, operation, number, result, taken] = letter;
            if (taken || provider->take(*operation, number)) provider->end(*operation, number, result);
        }
    }
}

}  // namespace race

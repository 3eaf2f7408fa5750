// Fuzz target: parses the input as a URL. naio writes an accepted URL in its normal form. uriparser must read the same
// parts from that form, and must find that the form is normal.
#include <nng/nng.h>
#include <uriparser/Uri.h>

#include <array>
#include <cctype>
#include <cstring>
#include <vector>

#include "input.h"

namespace {

std::string part(const char* text) { return text != nullptr ? text : ""; }

struct Parsed {
    explicit Parsed(const std::string& text) { error = nng_url_parse(&url, text.c_str()); }
    ~Parsed() { nng_url_free(url); }
    Parsed(const Parsed&) = delete;
    Parsed& operator=(const Parsed&) = delete;

    [[nodiscard]] std::string printed() const {
        const int size = nng_url_sprintf(nullptr, 0, url);
        CHECK(size > 0);
        std::string text(static_cast<std::size_t>(size) + 1, '\0');
        CHECK(nng_url_sprintf(text.data(), text.size(), url) == size);
        CHECK(text.back() == '\0');
        text.pop_back();
        return text;
    }

    nng_url* url = nullptr;
    nng_err error;
};

class Oracle {
  public:
    explicit Oracle(const std::string& text) {
        const char* end = nullptr;
        accepted_ = uriParseSingleUriA(&uri_, text.c_str(), &end) == URI_SUCCESS;
    }
    ~Oracle() {
        if (accepted_) uriFreeUriMembersA(&uri_);
    }
    Oracle(const Oracle&) = delete;
    Oracle& operator=(const Oracle&) = delete;

    [[nodiscard]] bool accepted() const { return accepted_; }
    void normalize() { CHECK(uriNormalizeSyntaxA(&uri_) == URI_SUCCESS); }
    [[nodiscard]] unsigned not_normal() const { return uriNormalizeSyntaxMaskRequiredA(&uri_); }

    [[nodiscard]] std::string scheme() const { return text(uri_.scheme); }
    [[nodiscard]] std::string host() const { return text(uri_.hostText); }
    [[nodiscard]] std::string port() const { return text(uri_.portText); }
    [[nodiscard]] std::string query() const { return text(uri_.query); }
    [[nodiscard]] std::string fragment() const { return text(uri_.fragment); }
    [[nodiscard]] std::string path() const {
        std::string all;
        for (const UriPathSegmentA* segment = uri_.pathHead; segment != nullptr; segment = segment->next)
            all += "/" + text(segment->text);
        return all;
    }

  private:
    static std::string text(const UriTextRangeA& range) {
        return range.first != nullptr ? std::string(range.first, range.afterLast) : std::string();
    }

    UriUriA uri_{};
    bool accepted_ = false;
};

// True for URLs that have a host. Other URLs keep everything behind "://" as it is.
bool has_authority(const nng_url* url) { return nng_url_hostname(url) != nullptr; }

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// True if the text has only characters of RFC 3986. naio also accepts others, such as "|" and "{", because programs use
// them.
bool is_of_the_rfc(const std::string& text) {
    constexpr std::string_view kOthers = "-._~:/?#[]@!$&'()*+,;=%";
    return std::all_of(text.begin(), text.end(), [&](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || kOthers.find(c) != kOthers.npos;
    });
}

void expect_the_oracle_to_agree(const Parsed& parsed, const std::string& normal) {
    const Oracle oracle(normal);
    if (!oracle.accepted()) {
        // uriparser refuses square brackets outside of a host, a scope in a host, and "#" in a fragment. naio accepts
        // all of these.
        const bool beyond = normal.find_first_of("[]%") != normal.npos || normal.find('#') != normal.rfind('#');
        CHECK(beyond || !is_of_the_rfc(normal));
        return;
    }
    CHECK(oracle.scheme() == nng_url_scheme(parsed.url));
    CHECK(oracle.host() == part(nng_url_hostname(parsed.url)));
    CHECK(oracle.port().empty() || oracle.port() == std::to_string(nng_url_port(parsed.url)));
    CHECK(oracle.path() == part(nng_url_path(parsed.url)));
    CHECK(oracle.query() == part(nng_url_query(parsed.url)));
    CHECK(oracle.fragment() == part(nng_url_fragment(parsed.url)));
    CHECK((oracle.not_normal() & ~static_cast<unsigned>(URI_NORMALIZE_USER_INFO)) == 0);
}

std::string with_single_slashes(const std::string& path) {
    std::string merged;
    for (const char c : path)
        if (c != '/' || merged.empty() || merged.back() != '/') merged.push_back(c);
    return merged;
}

// Expects that naio and uriparser make the same normal form of a text. Leaves out a text with several slashes in a row,
// because naio makes one slash of them before it resolves dots, and uriparser does not.
void expect_the_same_normal_form(const std::string& text, const Parsed& parsed) {
    if (!is_of_the_rfc(text) || text.find("//", text.find("://") + 3) != text.npos) return;
    Oracle oracle(text);
    if (!oracle.accepted()) return;
    oracle.normalize();
    const std::string host = part(nng_url_hostname(parsed.url));
    if (!is_ascii(host + part(nng_url_path(parsed.url)) + part(nng_url_query(parsed.url)) +
                  part(nng_url_fragment(parsed.url))))
        return;  // naio has decoded these parts
    CHECK(oracle.scheme() == nng_url_scheme(parsed.url));
    if (!oracle.port().empty()) CHECK(std::stoul(oracle.port()) == nng_url_port(parsed.url));
    if (host.find_first_of(":%") == host.npos) CHECK(oracle.host() == host);
    CHECK(with_single_slashes(oracle.path()) == part(nng_url_path(parsed.url)));
    CHECK(oracle.query() == part(nng_url_query(parsed.url)));
    CHECK(oracle.fragment() == part(nng_url_fragment(parsed.url)));
}

void expect_a_clone_to_be_equal(const Parsed& parsed) {
    nng_url* clone = nullptr;
    CHECK(nng_url_clone(&clone, parsed.url) == NNG_OK);
    for (const auto each :
         {nng_url_scheme, nng_url_userinfo, nng_url_hostname, nng_url_path, nng_url_query, nng_url_fragment}) {
        CHECK((each(clone) == nullptr) == (each(parsed.url) == nullptr));
        CHECK(part(each(clone)) == part(each(parsed.url)));
    }
    CHECK(nng_url_port(clone) == nng_url_port(parsed.url));
    nng_url_free(clone);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), strnlen(reinterpret_cast<const char*>(data), size));
    const Parsed parsed(text);
    if (parsed.error != NNG_OK) {
        CHECK(parsed.error == NNG_EINVAL || parsed.error == NNG_ENOTSUP);
        CHECK(parsed.url == nullptr);
        return 0;
    }
    expect_a_clone_to_be_equal(parsed);
    const std::string normal = parsed.printed();
    const Parsed again(normal);
    CHECK(again.error == NNG_OK && again.printed() == normal);
    CHECK(nng_url_port(again.url) == nng_url_port(parsed.url));
    CHECK(part(nng_url_path(again.url)) == part(nng_url_path(parsed.url)));
    if (!has_authority(parsed.url)) return 0;
    if (is_ascii(normal)) expect_the_oracle_to_agree(parsed, normal);
    expect_the_same_normal_form(text, parsed);
    return 0;
}

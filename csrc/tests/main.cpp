#include "check.hpp"

int main() {
    int failed = 0;
    for (const check::Test& test : check::tests()) {
        const int before = check::failures();
        test.run();
        const bool ok = check::failures() == before;
        failed += ok ? 0 : 1;
        std::cout << (ok ? "ok   " : "FAIL ") << test.name << '\n';
    }
    std::cout << check::tests().size() - static_cast<std::size_t>(failed) << " passed, " << failed << " failed\n";
    return failed == 0 ? 0 : 1;
}

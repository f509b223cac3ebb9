// SPDX-License-Identifier: Apache-2.0
// errno of mathematical functions: EDOM where there is no result, ERANGE where there is none of that size.
#include <cmath>
#include <limits>

#include "../check.h"

using namespace conformance;

namespace {

/// What the compiler does not know, and so does not compute.
double opaque(double value) {
    volatile double hidden = value;
    return hidden;
}

template <typename Function>
void error_of(const char* name, Function function) {
    errno = 0;
    const auto result = function();
    const int code = errno;
    const char* kind = std::isnan(result) ? "NaN " : std::isinf(result) ? (result < 0 ? "-inf " : "inf ") : "number ";
    report(name, std::string(kind) + error_name(code));
}

}  // namespace

CONFORMANCE(mathematical_errors) {
    const double none = opaque(0), one = opaque(1), two = opaque(2), minus = opaque(-1), large = opaque(1000);
    const double huge = opaque(1e308), nan = opaque(std::numeric_limits<double>::quiet_NaN());
    const double infinity = opaque(std::numeric_limits<double>::infinity());
    error_of("log of 0", [&] { return std::log(none); });
    error_of("log below 0", [&] { return std::log(minus); });
    error_of("log of NaN", [&] { return std::log(nan); });
    error_of("log", [&] { return std::log(two); });
    error_of("log2 of 0", [&] { return std::log2(none); });
    error_of("log10 of 0", [&] { return std::log10(none); });
    error_of("log10 below 0", [&] { return std::log10(minus); });
    error_of("log1p of -1", [&] { return std::log1p(minus); });
    error_of("log1p below -1", [&] { return std::log1p(-large); });
    error_of("sqrt below 0", [&] { return std::sqrt(minus); });
    error_of("exp, too large", [&] { return std::exp(large); });
    error_of("exp, too small", [&] { return std::exp(-large); });
    error_of("exp2, too large", [&] { return std::exp2(2 * large); });
    error_of("expm1, too large", [&] { return std::expm1(large); });
    error_of("pow, too large", [&] { return std::pow(huge, two); });
    error_of("pow, too small", [&] { return std::pow(huge, -two); });
    error_of("pow of 0, negative", [&] { return std::pow(none, minus); });
    error_of("pow below 0, fraction", [&] { return std::pow(minus, opaque(0.5)); });
    error_of("pow of infinity", [&] { return std::pow(infinity, two); });
    error_of("acos", [&] { return std::acos(two); });
    error_of("asin", [&] { return std::asin(-two); });
    error_of("acosh", [&] { return std::acosh(none); });
    error_of("atanh of 1", [&] { return std::atanh(one); });
    error_of("atanh above 1", [&] { return std::atanh(two); });
    error_of("sinh", [&] { return std::sinh(large); });
    error_of("cosh", [&] { return std::cosh(large); });
    error_of("fmod by 0", [&] { return std::fmod(one, none); });
    error_of("fmod of infinity", [&] { return std::fmod(infinity, one); });
    error_of("remainder by 0", [&] { return std::remainder(one, none); });
    error_of("hypot", [&] { return std::hypot(huge * 1.5, huge * 1.5); });
    error_of("tgamma of 0", [&] { return std::tgamma(none); });
    error_of("tgamma of -1", [&] { return std::tgamma(minus); });
    error_of("tgamma, too large", [&] { return std::tgamma(large); });
    error_of("lgamma of 0", [&] { return std::lgamma(none); });
    error_of("ldexp, too large", [&] { return std::ldexp(one, 5000); });
    error_of("ldexp, too small", [&] { return std::ldexp(one, -5000); });
    error_of("scalbn, too large", [&] { return std::scalbn(one, 5000); });
    error_of("fdim", [&] { return std::fdim(huge * 1.5, -huge * 1.5); });
    error_of("logf of 0", [&] { return std::log(static_cast<float>(none)); });
    error_of("sqrtf below 0", [&] { return std::sqrt(static_cast<float>(minus)); });
    error_of("expf, too large", [&] { return std::exp(static_cast<float>(large)); });
    error_of("powf of 0, negative", [&] { return std::pow(static_cast<float>(none), static_cast<float>(minus)); });
    error_of("sin of infinity", [&] { return std::sin(infinity); });
    error_of("cos of infinity", [&] { return std::cos(infinity); });
    error_of("tan of infinity", [&] { return std::tan(infinity); });
}

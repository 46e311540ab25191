// SPDX-License-Identifier: Apache-2.0

// Why we trust it: the digests of the test suite in RFC 1321, appendix A.5, whole and in parts.

#include "crypto/md5.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace comity {
namespace {

std::string hex_of(std::initializer_list<BytesView> parts) {
    const Result<Md5> digest = md5(parts);
    return digest ? to_hex(*digest) : digest.error().message;
}

TEST(Md5, GivesTheDigestsOfItsSpecification) {
    EXPECT_EQ(hex_of({}), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(hex_of({bytes_of("abc")}), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hex_of({bytes_of("message "), bytes_of("digest")}),
              "f96b697d7cb7938d525a2f31aaf161d0");
}

}  // namespace
}  // namespace comity

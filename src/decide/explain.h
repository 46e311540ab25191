// SPDX-License-Identifier: Apache-2.0
#pragma once

// Why a motion was decided as it was, or how it stands: the clause, the rule with its numbers, and
// the counts, as data for a sentence. Pages and the CLI write the sentence in the reader's
// language.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "decide/decide.h"
#include "decide/evaluate.h"

namespace comity::decide {

struct Ruling {
    bool adopted = false;
    Basis basis = Basis::withdrawn;
    std::uint64_t decided_at = 0;  ///< index of the entry that closed it
    Timestamp time;                ///< the logged clock there
};
BOOST_DESCRIBE_STRUCT(Ruling, (), (adopted, basis, decided_at, time))

/// The objection that ended the silence.
struct SilenceBreak {
    institution::MemberId member;
    institution::DelegateId delegate;
    LocalizedText reason;
    std::uint64_t entry = 0;
};
BOOST_DESCRIBE_STRUCT(SilenceBreak, (), (member, delegate, reason, entry))

struct Explanation {
    institution::ProcedureId procedure;  ///< in force: the fall-back, once an objection opened it
    LocalizedText procedure_name;
    std::string clause;                  ///< where the charter or the rules of procedure say it
    std::uint32_t charter_version = 0;   ///< in which version of the charter
    std::optional<Ruling> ruling;        ///< absent while the motion runs
    std::optional<Timestamp> closes_at;  ///< absent once it is decided
    Counts counts;
    std::optional<SilenceBreak> silence_broken_by;
    std::optional<QuorumTest> quorum;      ///< of a recorded vote, as it stands or stood
    std::optional<MajorityTest> majority;  ///< likewise; it counts only where the quorum is reached
};
BOOST_DESCRIBE_STRUCT(Explanation, (),
                      (procedure, procedure_name, clause, charter_version, ruling, closes_at,
                       counts, silence_broken_by, quorum, majority))

Explanation explain(const MotionRecord&);

}  // namespace comity::decide

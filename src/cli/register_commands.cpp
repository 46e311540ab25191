// SPDX-License-Identifier: Apache-2.0
//
// comity institution, member, mandate: who the parties are and who speaks for them.

#include "cli/commands.h"
#include "institution/statements.h"

namespace comity::cli {
namespace {

struct MandateArguments {
    std::string id;
    std::string member;
    std::string delegate;
    std::string organ;
    std::string from;
    std::string until;
};

Result<> give_mandate(const Session& session, const MandateArguments& arguments) {
    return submit(
        session,
        institution::Mandate{
            .id = TRY(parsed<institution::MandateId>("id", arguments.id)),
            .member = TRY(parsed<institution::MemberId>("--member", arguments.member)),
            .delegate = TRY(parsed<institution::DelegateId>("--delegate", arguments.delegate)),
            .organ = TRY(parsed<institution::OrganId>("--organ", arguments.organ)),
            .from = TRY(parsed<Timestamp>("--from", arguments.from)),
            .until = TRY(parsed<Timestamp>("--until", arguments.until))});
}

void add_member_commands(CLI::App& app, Session& session) {
    auto* noun = app.add_subcommand("member", "The register of parties, as of any day or entry");
    noun->require_subcommand(1);
    auto* listing = noun->add_subcommand("list", "List the parties and their status");
    auto as_of = std::make_shared<std::string>();
    auto as_of_index = std::make_shared<std::string>();
    listing->add_option("--as-of", *as_of, "Day: 2026-07-20");
    listing->add_option("--as-of-index", *as_of_index, "As the record knew it before that entry");
    listing->callback([&session, as_of, as_of_index] {
        session.action = [&session, as_of, as_of_index] {
            std::string query;
            if (!as_of->empty()) query += "as_of=" + encoded(*as_of);
            if (!as_of_index->empty()) {
                query += (query.empty() ? "as_of_index=" : "&as_of_index=") + encoded(*as_of_index);
            }
            return list(session, members_report, query);
        };
    });
    add_showing(*noun, session, members_report, "Show a party, its history, keys and mandates");
    add_submitting(*noun, session, "register", "Register a party (registrar)",
                   "institution.member");
    add_submitting(*noun, session, "status", "Record a dated change of status (registrar)",
                   "institution.status");
}

}  // namespace

void add_register_commands(CLI::App& app, Session& session) {
    auto* institution = app.add_subcommand("institution", "The institution that the node serves");
    institution->require_subcommand(1);
    institution->add_subcommand("show", "Charter, organs, roles, procedures")->callback([&session] {
        session.action = [&session] {
            return show(session, "/api/v1/institution", institution_facts);
        };
    });
    add_member_commands(app, session);

    auto* mandate = app.add_subcommand("mandate", "Credentials of delegates");
    mandate->require_subcommand(1);
    auto arguments = std::make_shared<MandateArguments>();
    auto* give = mandate->add_subcommand("give", "Give a delegate credentials in an organ");
    give->add_option("id", arguments->id, "New id of the mandate")->required();
    give->add_option("--member", arguments->member, "The party")->required();
    give->add_option("--delegate", arguments->delegate, "The delegate")->required();
    give->add_option("--organ", arguments->organ, "The organ")->required();
    give->add_option("--from", arguments->from, "2026-09-01T00:00:00Z")->required();
    give->add_option("--until", arguments->until, "First moment it is not in force")->required();
    give->callback([&session, arguments] {
        session.action = [&session, arguments] { return give_mandate(session, *arguments); };
    });
    auto* end = mandate->add_subcommand("end", "End a mandate early");
    end->add_option("id", arguments->id, "Its id")->required();
    end->callback([&session, arguments] {
        session.action = [&session, arguments]() -> Result<> {
            return submit(session, institution::MandateEnd{.id = TRY(parsed<institution::MandateId>(
                                                               "id", arguments->id))});
        };
    });
}

}  // namespace comity::cli

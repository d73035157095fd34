-- Every proposal, open ones first.
SELECT id, kind, content, reason, proposer, proposer_name, proposed, receipt, verdict, decider, decider_name, decided,
       decision_receipt, comment, proof, person, person_name, employer_name, principal_name, own, subject,
       place, base, loaded, loaded_on
  FROM wall.office_proposals()

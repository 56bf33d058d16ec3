DROP TABLE confirmation_codes;
DROP TABLE visit_needs;
DROP TABLE visit_plans;

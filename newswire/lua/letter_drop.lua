-- Remove a dead letter for good. ARGV: letter_id. Returns 1, or 0 where it is gone already.
return drop_letter(ARGV[1])

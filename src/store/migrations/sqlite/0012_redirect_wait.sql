-- The URL of a redirect that asked to be followed later, while that is waited for.
ALTER TABLE feed ADD COLUMN redirect_wait TEXT;

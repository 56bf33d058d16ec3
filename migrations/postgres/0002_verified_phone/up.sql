-- 手机号: as WeChat vouches for it; one number may serve a whole family.
ALTER TABLE people ADD COLUMN verified_phone TEXT;
ALTER TABLE people ADD COLUMN phone_verified_at TIMESTAMPTZ;

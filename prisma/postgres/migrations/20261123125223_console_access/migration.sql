-- CreateTable
CREATE TABLE "ConsoleAccount" (
    "name" TEXT NOT NULL,
    "keyHash" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ConsoleAccount_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "ConsoleSession" (
    "id" TEXT NOT NULL,
    "name" TEXT,
    "mark" TEXT,
    "until" TIMESTAMP(3) NOT NULL,

    CONSTRAINT "ConsoleSession_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "ConsoleAccount_keyHash_key" ON "ConsoleAccount"("keyHash");

-- CreateIndex
CREATE INDEX "ConsoleSession_name_idx" ON "ConsoleSession"("name");

-- CreateIndex
CREATE INDEX "ConsoleSession_until_idx" ON "ConsoleSession"("until");

-- AddForeignKey
ALTER TABLE "ConsoleSession" ADD CONSTRAINT "ConsoleSession_name_fkey" FOREIGN KEY ("name") REFERENCES "ConsoleAccount"("name") ON DELETE CASCADE ON UPDATE CASCADE;



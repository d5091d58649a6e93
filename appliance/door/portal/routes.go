package portal

import (
	"slices"

	"sigill/appliance/access"
	"sigill/appliance/desk"
	"sigill/appliance/door/web"
	"sigill/appliance/mail"
)

// Bounds of an upload in bytes, all files together; round as people count. A guest
// answers with less than the house's own people may write with.
const (
	maxAnswer = 200e6
	maxWrite  = desk.MaxUpload
)

// Routes is the map of the portal.
func (p *Portal) Routes() []web.Route {
	// In this order: /mail/new is no letter's path.
	return slices.Concat(p.recipientRoutes(), p.guestRoutes(), p.letterRoutes(), p.handbookRoutes(), p.boxRoutes(), p.accountRoutes())
}

func (p *Portal) guestRoutes() []web.Route {
	return []web.Route{
		// Where people arrive.
		{Method: "GET", Path: "/", Need: web.Anyone, Handle: p.home},
		{Method: "GET", Path: "/about", Need: web.Anyone, Handle: p.about},
		{Method: "GET", Path: "/genuine", Need: web.Anyone, Handle: p.genuine},
		{Method: "POST", Path: "/genuine", Need: web.Anyone, Body: web.Form, Handle: p.checkCode},
		{Method: "GET", Path: "/accessibility", Need: web.Anyone, Handle: p.accessibility},
		{Method: "POST", Path: "/accessibility", Need: web.Anyone, Body: web.Form, Handle: p.feedback},

		{Method: "GET", Path: "/stay", Need: web.Anyone, Handle: p.stay},

		// The citizen's way: code, PIN, letter.
		{Method: "GET", Path: "/m", Need: web.Anyone, Handle: p.codePage},
		{Method: "POST", Path: "/m", Need: web.Anyone, Body: web.Form, Handle: p.enterCode},
		{Method: "GET", Path: "/m/pin", Need: web.Anyone, Handle: on((*visit).waits, p.lasting(p.pinPage))},
		{Method: "POST", Path: "/m/pin", Need: web.Anyone, Body: web.Form, Handle: on((*visit).waits, p.lasting(p.enterPIN))},
		{Method: "POST", Path: "/m/again", Need: web.Anyone, Body: web.Form, Handle: on((*visit).waits, p.lasting(p.sendAgain))},
		{Method: "POST", Path: "/m/wrong", Need: web.Anyone, Body: web.Form, Handle: on((*visit).waits, p.lasting(p.wrongNumber))},
		{Method: "GET", Path: "/m/letter", Need: web.GuestProof, Handle: p.reading(p.letter)},
		{Method: "GET", Path: "/m/letter/html", Need: web.GuestProof, Handle: p.reading(p.letterHTML)},
		{Method: "GET", Path: "/m/letter/file/:n", Need: web.GuestProof, Handle: p.reading(p.letterFile)},
		{Method: "GET", Path: "/m/letter/eml", Need: web.GuestProof, Handle: p.reading(p.letterEML)},
		{Method: "GET", Path: "/m/letter/reply", Need: web.GuestProof, Handle: p.reading(p.replyPage)},
		{Method: "POST", Path: "/m/letter/reply", Need: web.GuestProof, Body: web.Upload, Limit: maxAnswer, Handle: p.reading(p.sendReply)},
		{Method: "GET", Path: "/m/answer/:id", Need: web.GuestProof, Handle: on((*visit).reads, p.answer)},
		{Method: "GET", Path: "/m/answer/:id/file/:n", Need: web.GuestProof, Handle: on((*visit).reads, p.answerFile)},
		{Method: "GET", Path: "/picture/:token", Need: web.Anyone, Handle: p.picture},
		{Method: "GET", Path: "/tint/:colours/:sum", Need: web.Anyone, Handle: p.tint},
		{Method: "GET", Path: "/logo/:logo", Need: web.Anyone, Handle: p.logo},
		{Method: "GET", Path: "/m/letter/done", Need: web.GuestProof, Handle: p.reading(p.donePage)},
		{Method: "POST", Path: "/m/letter/done", Need: web.GuestProof, Body: web.Form, Handle: p.reading(p.done)},
		{Method: "POST", Path: "/m/leave", Need: web.Anyone, Body: web.Form, Handle: p.leave},

		// The sender's repair, from the hold mail.
		{Method: "GET", Path: "/m/mend", Need: web.GuestProof, Handle: on((*visit).mends, p.lasting(p.mendPage))},
		{Method: "POST", Path: "/m/mend/:holder", Need: web.GuestProof, Body: web.Form, Handle: on((*visit).mends, p.lasting(p.mend))},
	}
}

func (p *Portal) letterRoutes() []web.Route {
	return []web.Route{
		// Writing.
		{Method: "GET", Path: "/write", Need: web.Colleague, Handle: p.writePage},
		{Method: "POST", Path: "/write", Need: web.Colleague, Body: web.Upload, Limit: maxWrite, Handle: p.write},
		{Method: "GET", Path: "/write/:draft", Need: web.Colleague, Handle: p.mine("draft", p.draftPage)},
		{Method: "POST", Path: "/write/:draft", Need: web.Colleague, Body: web.Upload, Limit: maxWrite, Handle: p.mine("draft", p.writeOn)},
		{Method: "GET", Path: "/write/:draft/check", Need: web.Colleague, Handle: p.mine("draft", p.check)},
		{Method: "POST", Path: "/write/:draft/send", Need: web.Colleague, Body: web.Form, Handle: p.mine("draft", p.sendDraft)},
		{Method: "POST", Path: "/write/:draft/drop", Need: web.Colleague, Body: web.Form, Handle: p.mine("draft", p.drop)},
		{Method: "GET", Path: "/write/:draft/template/:template", Need: web.Colleague, Handle: p.mine("draft", p.templatePage)},
		{Method: "POST", Path: "/write/:draft/template/:template", Need: web.Colleague, Body: web.Form, Handle: p.mine("draft", p.useTemplate)},
		{Method: "POST", Path: "/write/:draft/upload", Need: web.Colleague, Body: web.Form, Handle: p.mine("draft", p.beginUpload)},
		{Method: "GET", Path: "/write/:draft/upload/:n", Need: web.Colleague, Handle: p.mine("draft", p.upload)},
		{Method: "PATCH", Path: "/write/:draft/upload/:n", Need: web.Colleague, Body: web.Raw, Limit: mail.MaxPiece, Handle: p.mine("draft", p.appendUpload)},
		{Method: "POST", Path: "/write/:draft/remove/:n", Need: web.Colleague, Body: web.Form, Handle: p.mine("draft", p.detach)},

		// Whom to write to.
		{Method: "GET", Path: "/contacts", Need: web.Colleague, Handle: p.contacts},
		{Method: "POST", Path: "/contacts/search", Need: web.Colleague, Body: web.Form, Handle: p.findContacts},
		{Method: "POST", Path: "/contacts/known", Need: web.Colleague, Body: web.Form, Handle: p.known},
		{Method: "POST", Path: "/contacts/suggest", Need: web.Colleague, Body: web.Form, Handle: p.suggest},
		{Method: "POST", Path: "/contacts/choose", Need: web.Colleague, Body: web.Form, Handle: p.chooseContacts},

		// The mailbox.
		{Method: "GET", Path: "/mail", Need: web.SignedIn, Handle: p.arriving(p.ownFolder(mail.Inbox))},
		{Method: "GET", Path: "/mail/sent", Need: web.SignedIn, Handle: p.ownFolder(mail.Sent)},
		{Method: "GET", Path: "/mail/drafts", Need: web.Colleague, Handle: p.ownFolder(mail.Drafts)},
		{Method: "POST", Path: "/mail/drafts/drop", Need: web.Colleague, Body: web.Form, Handle: own(p.dropOwnDrafts)},
		{Method: "GET", Path: "/mail/trash", Need: web.SignedIn, Handle: p.ownFolder(mail.Trash)},
		{Method: "GET", Path: "/mail/held", Need: web.Colleague, Handle: own(p.heldOwn)},
		{Method: "POST", Path: "/mail/move", Need: web.SignedIn, Body: web.Form, Handle: own(p.moveOwn)},
		{Method: "GET", Path: "/mail/search", Need: web.Colleague, Handle: own(p.findPage)},
		{Method: "POST", Path: "/mail/search", Need: web.Colleague, Body: web.Form, Handle: own(p.findOwn)},
		{Method: "POST", Path: "/mail/trash/empty", Need: web.SignedIn, Body: web.Form, Handle: own(p.emptyOwnTrash)},
		{Method: "GET", Path: "/mail/:holder", Need: web.SignedIn, Handle: p.mine("holder", p.message)},
		{Method: "GET", Path: "/mail/:holder/html", Need: web.SignedIn, Handle: p.mine("holder", p.html)},
		{Method: "GET", Path: "/mail/:holder/file/:n", Need: web.SignedIn, Handle: p.mine("holder", p.file)},
		{Method: "GET", Path: "/mail/:holder/eml", Need: web.SignedIn, Handle: p.mine("holder", p.eml)},
		{Method: "POST", Path: "/mail/:holder/move", Need: web.SignedIn, Body: web.Form, Handle: p.mine("holder", p.move)},
		{Method: "POST", Path: "/mail/:holder/answer", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.writeBack)},
		{Method: "POST", Path: "/mail/:holder/recall", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.recall)},
		{Method: "POST", Path: "/mail/:holder/to/:recipient", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.recipient)},
		{Method: "POST", Path: "/mail/:holder/claim", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.claim)},
		{Method: "POST", Path: "/mail/:holder/release", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.release)},
		{Method: "POST", Path: "/mail/:holder/remark", Need: web.Colleague, Body: web.Form, Handle: p.mine("holder", p.remark)},
	}
}

// handbookRoutes are the help. It is the same in every house and nothing in it is secret, so
// strangers may read all of it: who has not signed in yet needs help with that, too.
func (p *Portal) handbookRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/handbook", Need: web.Anyone, Handle: p.handbook},
		{Method: "GET", Path: "/handbook/search", Need: web.Anyone, Handle: p.searchHandbook},
		{Method: "GET", Path: "/handbook/picture/:sum/:lang/:name", Need: web.Anyone, Handle: p.handbookPicture},
		{Method: "GET", Path: "/handbook/:book/:chapter", Need: web.Anyone, Handle: p.chapter},
	}
}

// boxRoutes are function mailboxes. Who does not read in one finds none.
func (p *Portal) boxRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/box/:box", Need: web.Colleague, Handle: p.boxFolder(mail.Inbox)},
		{Method: "GET", Path: "/box/:box/sent", Need: web.Colleague, Handle: p.boxFolder(mail.Sent)},
		{Method: "GET", Path: "/box/:box/drafts", Need: web.Colleague, Handle: p.boxFolder(mail.Drafts)},
		{Method: "POST", Path: "/box/:box/drafts/drop", Need: web.Colleague, Body: web.Form, Handle: p.box(p.dropDrafts)},
		{Method: "GET", Path: "/box/:box/trash", Need: web.Colleague, Handle: p.boxFolder(mail.Trash)},
		{Method: "GET", Path: "/box/:box/held", Need: web.Colleague, Handle: p.box(p.held)},
		{Method: "POST", Path: "/box/:box/move", Need: web.Colleague, Body: web.Form, Handle: p.box(p.moveMany)},
		{Method: "POST", Path: "/box/:box/search", Need: web.Colleague, Body: web.Form, Handle: p.box(p.findLetters)},
		{Method: "POST", Path: "/box/:box/trash/empty", Need: web.Colleague, Body: web.Form, Handle: p.box(p.emptyBoxTrash)},
		{Method: "GET", Path: "/box/:box/write", Need: web.Colleague, Handle: p.box(p.boxWritePage)},
		{Method: "POST", Path: "/box/:box/write", Need: web.Colleague, Body: web.Upload, Limit: maxWrite, Handle: p.box(p.boxWrite)},
		{Method: "GET", Path: "/box/:box/people", Need: web.Colleague, Handle: p.box(p.people)},
		{Method: "POST", Path: "/box/:box/give", Need: web.Colleague, Body: web.Form, Handle: p.box(p.give)},
		{Method: "POST", Path: "/box/:box/refuse", Need: web.Colleague, Body: web.Form, Handle: p.box(p.refuse)},
		{Method: "GET", Path: "/box/:box/export", Need: web.Colleague, Handle: p.boxExport(p.exportPage)},
		{Method: "POST", Path: "/box/:box/export", Need: web.Colleague, Body: web.Form, Handle: p.boxExport(p.export)},
		{Method: "POST", Path: "/box/:box/export/key", Need: web.Colleague, Body: web.Form, Handle: p.boxExport(p.exportKey)},
		{Method: "GET", Path: "/box/:box/leave", Need: web.Colleague, Handle: p.box(p.leavePage)},
		{Method: "POST", Path: "/box/:box/leave", Need: web.Colleague, Body: web.Form, Handle: p.box(p.leaveBox)},
	}
}

// recipientRoutes are how a citizen comes to an account, and what only who has one does.
func (p *Portal) recipientRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Path: "/m/register", Need: web.GuestProof, Handle: p.registering(p.registerPage)},
		{Method: "POST", Path: "/m/register", Need: web.GuestProof, Body: web.Form, Handle: p.registering(p.sendRegister)},
		{Method: "GET", Path: "/m/register/pin", Need: web.GuestProof, Handle: p.registering(p.registerPIN)},
		{Method: "POST", Path: "/m/register/pin", Need: web.GuestProof, Body: web.Form, Handle: p.registering(p.proveRegister)},
		{Method: "GET", Path: "/m/register/password", Need: web.GuestProof, Handle: p.registering(p.registerPassword)},
		{Method: "POST", Path: "/m/register/password", Need: web.GuestProof, Body: web.Form, Handle: p.registering(p.register)},
		{Method: "GET", Path: "/m/letter/account", Need: web.GuestProof, Handle: p.moving(p.moveInPage)},
		{Method: "POST", Path: "/m/letter/account", Need: web.GuestProof, Body: web.Form, Handle: p.moving(p.moveInto)},
		{Method: "GET", Path: "/in/mail/:proof", Need: web.Anyone, Handle: p.arriveBy(byLetter)},
		{Method: "GET", Path: "/in/join/:proof", Need: web.Anyone, Handle: p.arriveBy(byJoin)},
		{Method: "GET", Path: "/account/join", Need: web.Recipient, Handle: p.risky("/account/join", p.joinPage)},
		{Method: "POST", Path: "/account/join", Need: web.Recipient, Body: web.Form, Handle: p.risky("/account/join", p.join)},
		{Method: "POST", Path: "/account/join/not", Need: web.Recipient, Body: web.Form, Handle: own(p.notJoin)},
		{Method: "GET", Path: "/mail/new", Need: web.Recipient, Handle: p.toHouse},
		{Method: "GET", Path: "/mail/new/:to", Need: web.Recipient, Handle: p.mine("to", p.writeInPage)},
		{Method: "POST", Path: "/mail/new/:to", Need: web.Recipient, Body: web.Upload, Limit: maxAnswer, Handle: p.mine("to", p.sendIn)},
		{Method: "GET", Path: "/mail/:holder/reply", Need: web.Recipient, Handle: p.mine("holder", p.replyFromMailbox)},
		{Method: "POST", Path: "/mail/:holder/reply", Need: web.Recipient, Body: web.Upload, Limit: maxAnswer, Handle: p.mine("holder", p.sendFromMailbox)},
		{Method: "GET", Path: "/welcome/phone", Need: web.Anyone, Handle: p.byInvitation(p.invitedPage)},
		{Method: "POST", Path: "/welcome/phone", Need: web.Anyone, Body: web.Form, Handle: p.byInvitation(p.sendInvited)},
		{Method: "GET", Path: "/welcome/pin", Need: web.Anyone, Handle: p.byInvitation(p.invitedPIN)},
		{Method: "POST", Path: "/welcome/pin", Need: web.Anyone, Body: web.Form, Handle: p.byInvitation(p.proveInvited)},
		{Method: "GET", Path: "/account/close", Need: web.Recipient, Handle: p.risky("/account/close", p.closePage)},
		{Method: "POST", Path: "/account/close", Need: web.Recipient, Body: web.Form, Handle: p.risky("/account/close", p.close)},
	}
}

func (p *Portal) accountRoutes() []web.Route {
	return []web.Route{
		// How the house's people come in.
		{Method: "GET", Path: "/welcome", Need: web.Anyone, Handle: on((*visit).invited, p.asInvited(p.welcomePage))},
		{Method: "POST", Path: "/welcome", Need: web.Anyone, Body: web.Form, Handle: on((*visit).invited, p.asInvited(p.welcome))},
		{Method: "GET", Path: "/in", Need: web.Anyone, Handle: p.signInPage},
		{Method: "POST", Path: "/in", Need: web.Anyone, Body: web.Form, Handle: p.signIn},
		{Method: "GET", Path: "/in/factor", Need: web.Anyone, Handle: p.atFactor(p.factorPage)},
		{Method: "POST", Path: "/in/factor", Need: web.Anyone, Body: web.Form, Handle: p.atFactor(p.factor)},
		{Method: "POST", Path: "/in/factor/sms", Need: web.Anyone, Body: web.Form, Handle: p.atFactor(p.sendFactor)},
		{Method: "POST", Path: "/in/passkey/options", Need: web.Anyone, Body: web.Form, Handle: p.withPasskeys(p.passkeyOptions)},
		{Method: "POST", Path: "/in/passkey", Need: web.Anyone, Body: web.Form, Handle: p.withPasskeys(p.usePasskey)},
		{Method: "GET", Path: "/in/sso", Need: web.Anyone, Handle: p.withSignOn(p.beginSignOn)},
		{Method: "GET", Path: "/in/sso/back", Need: web.Anyone, Handle: p.withSignOn(p.backFromProvider)},
		{Method: "GET", Path: "/in/sso/done", Need: web.Anyone, Handle: p.withSignOn(p.signedOn)},
		{Method: "GET", Path: "/in/arrive", Need: web.Anyone, Handle: p.withSignOn(p.arrivePage)},
		{Method: "POST", Path: "/in/arrive", Need: web.Anyone, Body: web.Form, Handle: p.withSignOn(p.comeIn)},
		{Method: "GET", Path: "/in/unlock", Need: web.Anyone, Handle: p.atUnlock(p.unlockPage)},
		{Method: "POST", Path: "/in/unlock", Need: web.Anyone, Body: web.Form, Handle: p.atUnlock(p.unlock)},
		{Method: "GET", Path: "/in/phone", Need: web.Anyone, Handle: p.atDoor(p.phonePage)},
		{Method: "POST", Path: "/in/phone", Need: web.Anyone, Body: web.Form, Handle: p.atDoor(p.sendPhone)},
		{Method: "GET", Path: "/in/phone/pin", Need: web.Anyone, Handle: p.atDoor(p.phonePIN)},
		{Method: "POST", Path: "/in/phone/pin", Need: web.Anyone, Body: web.Form, Handle: p.atDoor(p.provePhone)},
		{Method: "GET", Path: "/in/app", Need: web.Anyone, Handle: p.atDoor(p.appPage)},
		{Method: "POST", Path: "/in/app", Need: web.Anyone, Body: web.Form, Handle: p.atDoor(p.confirmApp)},
		{Method: "GET", Path: "/in/lost", Need: web.Anyone, Handle: p.lostPage},
		{Method: "POST", Path: "/in/lost", Need: web.Anyone, Body: web.Form, Handle: p.lost},
		{Method: "GET", Path: "/in/help", Need: web.Anyone, Handle: p.helpPage},
		{Method: "POST", Path: "/in/help", Need: web.Anyone, Body: web.Form, Handle: p.beginHelp},
		{Method: "GET", Path: "/in/help/proof", Need: web.Anyone, Handle: p.at(access.HelpBegun, p.helpProofPage)},
		{Method: "POST", Path: "/in/help/proof", Need: web.Anyone, Body: web.Form, Handle: p.at(access.HelpBegun, p.proveHelp)},
		{Method: "POST", Path: "/in/help/sms", Need: web.Anyone, Body: web.Form, Handle: p.at(access.HelpBegun, p.sendHelp)},
		{Method: "POST", Path: "/in/help/ask", Need: web.Anyone, Body: web.Form, Handle: p.at(access.HelpBegun, p.askHelp)},
		{Method: "GET", Path: "/in/help/wait", Need: web.Anyone, Handle: p.asking(p.helpWaitPage)},
		{Method: "POST", Path: "/in/help/stop", Need: web.Anyone, Body: web.Form, Handle: p.asking(p.stopHelp)},
		{Method: "GET", Path: "/in/help/password", Need: web.Anyone, Handle: p.at(access.HelpGiven, p.helpPasswordPage)},
		{Method: "POST", Path: "/in/help/password", Need: web.Anyone, Body: web.Form, Handle: p.at(access.HelpGiven, p.chooseHelp)},
		{Method: "POST", Path: "/out", Need: web.Anyone, Body: web.Form, Handle: p.signOut},

		// Their own account. What is risky asks for the password again.
		{Method: "GET", Path: "/account", Need: web.SignedIn, Handle: own(p.account)},
		{Method: "POST", Path: "/account/language", Need: web.SignedIn, Body: web.Form, Handle: own(p.setLanguage)},
		{Method: "POST", Path: "/account/receipt", Need: web.Colleague, Body: web.Form, Handle: own(p.setReceipt)},
		{Method: "POST", Path: "/account/told", Need: web.Colleague, Body: web.Form, Handle: own(p.setTold)},
		{Method: "POST", Path: "/account/signature", Need: web.Colleague, Body: web.Form, Handle: own(p.setSignature)},
		{Method: "POST", Path: "/account/nothelp", Need: web.SignedIn, Body: web.Form, Handle: own(p.denyHelp)},
		{Method: "POST", Path: "/account/end", Need: web.SignedIn, Body: web.Form, Handle: own(p.endSession)},
		{Method: "GET", Path: "/account/prove", Need: web.SignedIn, Handle: own(p.provePage)},
		{Method: "POST", Path: "/account/prove", Need: web.SignedIn, Body: web.Form, Handle: own(p.prove)},
		{Method: "GET", Path: "/account/prove/sso", Need: web.SignedIn, Handle: p.withSignOn(p.beginProof)},
		{Method: "GET", Path: "/account/password", Need: web.SignedIn, Handle: p.risky("/account/password", p.passwordPage)},
		{Method: "POST", Path: "/account/password", Need: web.SignedIn, Body: web.Form, Handle: p.risky("/account/password", p.changePassword)},
		{Method: "GET", Path: "/account/phone", Need: web.SignedIn, Handle: p.atAccount("/account/phone", p.phonePage)},
		{Method: "POST", Path: "/account/phone", Need: web.SignedIn, Body: web.Form, Handle: p.atAccount("/account/phone", p.sendPhone)},
		{Method: "GET", Path: "/account/phone/pin", Need: web.SignedIn, Handle: p.atAccount("/account/phone", p.phonePIN)},
		{Method: "POST", Path: "/account/phone/pin", Need: web.SignedIn, Body: web.Form, Handle: p.atAccount("/account/phone", p.provePhone)},
		{Method: "GET", Path: "/account/app", Need: web.SignedIn, Handle: p.atAccount("/account/app", p.appPage)},
		{Method: "POST", Path: "/account/app", Need: web.SignedIn, Body: web.Form, Handle: p.atAccount("/account/app", p.confirmApp)},
		{Method: "GET", Path: "/account/codes", Need: web.SignedIn, Handle: p.factored("/account/codes", p.codesPage)},
		{Method: "POST", Path: "/account/codes", Need: web.SignedIn, Body: web.Form, Handle: p.factored("/account/codes", p.makeCodes)},
		{Method: "GET", Path: "/account/recovery", Need: web.SignedIn, Handle: p.risky("/account/recovery", p.recoveryPage)},
		{Method: "POST", Path: "/account/recovery", Need: web.SignedIn, Body: web.Form, Handle: p.risky("/account/recovery", p.makeRecovery)},
		{Method: "GET", Path: "/account/passkeys", Need: web.SignedIn, Handle: p.riskyPasskeys(p.passkeysPage)},
		{Method: "POST", Path: "/account/passkeys/options", Need: web.SignedIn, Body: web.Form, Handle: p.riskyPasskeys(p.newPasskeyOptions)},
		{Method: "POST", Path: "/account/passkeys", Need: web.SignedIn, Body: web.Form, Handle: p.riskyPasskeys(p.addPasskey)},
		{Method: "POST", Path: "/account/passkeys/remove", Need: web.SignedIn, Body: web.Form, Handle: p.riskyPasskeys(p.dropPasskey)},
		{Method: "GET", Path: "/account/apps", Need: web.Colleague, Handle: p.riskyApps(p.appsPage)},
		{Method: "POST", Path: "/account/apps", Need: web.Colleague, Body: web.Form, Handle: p.riskyApps(p.makeApp)},
		{Method: "POST", Path: "/account/apps/remove", Need: web.Colleague, Body: web.Form, Handle: p.apps(p.dropApp)},
		{Method: "GET", Path: "/account/export", Need: web.SignedIn, Handle: p.ownExport(p.exportPage)},
		{Method: "POST", Path: "/account/export", Need: web.SignedIn, Body: web.Form, Handle: p.ownExport(p.export)},
		{Method: "POST", Path: "/account/export/key", Need: web.SignedIn, Body: web.Form, Handle: p.ownExport(p.exportKey)},
		{Method: "GET", Path: "/account/off", Need: web.SignedIn, Handle: p.factored("/account/off", p.optional(p.offPage))},
		{Method: "POST", Path: "/account/off", Need: web.SignedIn, Body: web.Form, Handle: p.factored("/account/off", p.optional(p.off))},
	}
}

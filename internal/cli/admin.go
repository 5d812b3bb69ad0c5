package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/config"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
)

type adminCmd struct {
	Create      adminCreateCmd      `cmd:"" help:"Open an account for the centre, the department or an administrator."`
	ResetFactor adminResetFactorCmd `cmd:"" help:"Free somebody who has lost the second factor."`
}

type adminCreateCmd struct {
	Username string `required:"" help:"6 to 30 letters, digits and underscores."`
	Role     string `help:"What the person is." enum:"admin,operator,department,expert" default:"admin"`
	Phone    string `help:"Mobile phone, for sign-in by SMS code."`
}

// Help says where the password comes from.
func (adminCreateCmd) Help() string {
	return `The first password is read from standard input (one line), so that it stands in no
history and no process list. An empty line makes one: it is printed once and opens the
account for three days. The person must change it at the first sign-in.

    smedx admin create --username zhang_wei --role operator < /dev/null
    echo "$PASSWORD" | smedx admin create --username zhang_wei --role operator`
}

// Run opens the account.
func (c adminCreateCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	fmt.Fprint(os.Stderr, "first password (empty: make one): ") //nolint:errcheck // a terminal
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	password := strings.TrimRight(line, "\r\n")
	made := password == ""
	if made {
		password = account.OneTimePassword()
	}
	a, err := openApp(ctx, cfg, false)
	if err != nil {
		return err
	}
	accounts := a.Services.Accounts
	prepared, err := accounts.Prepare(ctx, account.Staff{
		Role: account.Role(c.Role), Username: c.Username, Phone: c.Phone, Password: password,
	})
	if made {
		prepared = prepared.Expiring()
	}
	if err == nil {
		err = a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			u, err := accounts.Create(ctx, tx, prepared)
			if err != nil {
				return err
			}
			return audit.Write(ctx, tx, account.System.Actor(), audit.Entry{
				Action: "account.create", ObjectKind: "user", ObjectID: u.ID, Detail: map[string]any{"role": u.Role},
			})
		})
	}
	if err := errors.Join(explain(err), a.Close()); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s can sign in as %s\n", c.Username, c.Role) //nolint:errcheck // a terminal
	if made {
		fmt.Fprintf(stdout, "first password, for three days: %s\n", password) //nolint:errcheck // a terminal
	}
	return nil
}

type adminResetFactorCmd struct {
	Username string `required:"" help:"Whose second factor is lost."`
}

// Help says when it is needed.
func (adminResetFactorCmd) Help() string {
	return `Administrators reset the second factor of others on the page 帐号管理. This command is for
the last administrator, who has nobody to ask. All sessions of the account end.`
}

// Run removes the second factor.
func (c adminResetFactorCmd) Run(ctx context.Context, stdout io.Writer, cfg *config.Config) error {
	a, err := openApp(ctx, cfg, false)
	if err != nil {
		return err
	}
	u, err := a.Services.Accounts.FindByUsername(ctx, c.Username)
	if err == nil {
		err = a.Services.Accounts.ResetFactor(ctx, account.System, u.ID)
	}
	if err := errors.Join(err, a.Close()); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s signs in without a second factor now, or sets up a new one\n", c.Username) //nolint:errcheck // a terminal
	return nil
}

// explain names every refused field, for people at a terminal.
func explain(err error) error {
	e := errs.Of(err)
	if err == nil || len(e.Fields) == 0 {
		return err
	}
	var words []string
	for _, f := range e.Fields {
		words = append(words, strings.TrimPrefix(f.Pointer, "/")+": "+f.Code)
	}
	return errors.New(strings.Join(words, "; "))
}
